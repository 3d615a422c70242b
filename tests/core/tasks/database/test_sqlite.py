"""Tasks for SQLite databases. Source: core.md §21.4."""

from __future__ import annotations

import sqlite3

import pytest

import prefect
from prefect import Flow
from prefect.tasks.database import SQLiteQuery, SQLiteScript


@pytest.fixture
def db(tmp_path):
    """The path of a database with the table ``t``, which holds ``(1, 'x')`` and ``(2, 'y')``."""
    path = str(tmp_path / "test.db")
    script = "CREATE TABLE t (a INT, b TEXT); INSERT INTO t VALUES (1, 'x'), (2, 'y');"
    assert SQLiteScript(db=path).run(script=script) is None
    return path


def rows(db):
    return SQLiteQuery(db=db, query="SELECT a, b FROM t ORDER BY a").run()


class TestQuery:
    def test_the_rows_are_returned(self, db):
        assert rows(db) == [(1, "x"), (2, "y")]

    @pytest.mark.parametrize("data", [(2,), [2]])
    def test_data_stand_for_question_marks(self, db, data):
        query = SQLiteQuery(db=db, query="SELECT b FROM t WHERE a = ?")

        assert query.run(data=data) == [("y",)]
        assert SQLiteQuery(db=db, query="SELECT b FROM t WHERE a = ?", data=data).run() == [("y",)]

    def test_what_a_query_changes_is_not_kept(self, db):
        assert SQLiteQuery(db=db, query="INSERT INTO t VALUES (3, 'z')").run() == []
        assert rows(db) == [(1, "x"), (2, "y")]

    @pytest.mark.parametrize(("arguments", "missing"), [({"query": "SELECT 1"}, "db"), ({"db": "x.db"}, "query")])
    def test_database_and_query_are_needed(self, arguments, missing):
        with pytest.raises(ValueError, match=f"^No `{missing}` provided."):
            SQLiteQuery(**arguments).run()

    def test_a_question_mark_needs_data(self, db):
        with pytest.raises(ValueError, match=r"^The query contains '\?', but there are no data."):
            SQLiteQuery(db=db, query="SELECT b FROM t WHERE a = ?").run()

    def test_errors_are_those_of_sqlite(self, db):
        with pytest.raises(sqlite3.OperationalError, match="syntax error"):
            SQLiteQuery(db=db, query="SELEKT").run()


class TestScript:
    def test_a_script_is_kept(self, db):
        SQLiteScript(db=db, script="DELETE FROM t WHERE a = 1; INSERT INTO t VALUES (3, 'z')").run()

        assert rows(db) == [(2, "y"), (3, "z")]

    def test_what_comes_before_an_error_is_kept(self, db):
        with pytest.raises(sqlite3.OperationalError):
            SQLiteScript(db=db, script="INSERT INTO t VALUES (3, 'z'); SELEKT").run()

        assert rows(db) == [(1, "x"), (2, "y"), (3, "z")]

    def test_a_transaction_that_the_script_does_not_end_is_not_kept(self, db):
        SQLiteScript(db=db, script="BEGIN; INSERT INTO t VALUES (3, 'z')").run()

        assert rows(db) == [(1, "x"), (2, "y")]

    @pytest.mark.parametrize(("arguments", "missing"), [({"script": "SELECT 1"}, "db"), ({"db": "x.db"}, "script")])
    def test_database_and_script_are_needed(self, arguments, missing):
        with pytest.raises(ValueError, match=f"^No `{missing}` provided."):
            SQLiteScript(**arguments).run()


def test_a_flow_writes_and_reads(db):
    with Flow("f") as flow:
        written = SQLiteScript(db=db)(script="INSERT INTO t VALUES (3, 'z')")
        read = SQLiteQuery(db=db)(query="SELECT count(*) FROM t", upstream_tasks=[written])

    assert flow.run().result[read].result == [(3,)]


def test_the_package_is_an_attribute_after_a_bare_import():
    assert prefect.tasks.database.SQLiteQuery is SQLiteQuery
