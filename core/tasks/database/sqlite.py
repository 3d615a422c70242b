"""``SQLiteQuery`` and ``SQLiteScript``.

Source: core.md §21.4.
"""

# Without the __future__ import: the texts of the annotations of `run` are part of the 1.x JSON form (core.md §20.2).
from typing import TYPE_CHECKING, Any

from prefect.task import Task
from prefect.utilities.tasks import defaults_from_attrs

if TYPE_CHECKING:
    from contextlib import closing
    from sqlite3 import Connection


class SQLiteQuery(Task):
    """Asks a SQLite database. What the query changes is not kept; change data with a ``SQLiteScript``.

    Args:
        db: File of the database.
        query: The query, one statement.
        data: Values for the ``?`` of the query.
        **kwargs: Arguments of ``Task``.
    """

    def __init__(
        self, db: str | None = None, query: str | None = None, data: tuple[Any, ...] = (), **kwargs: Any
    ) -> None:
        self.db = db
        self.query = query
        self.data = data
        super().__init__(**kwargs)

    @defaults_from_attrs("db", "query", "data")
    def run(self, db: str = None, query: str = None, data: tuple = ()) -> Any:  # type: ignore[type-arg, assignment]  # noqa: RUF013 - as 1.x serializes it
        """Return the rows that were found, as tuples.

        Args:
            db: In place of that of the task.
            query: In place of that of the task.
            data: In place of that of the task.

        Raises:
            ValueError: Database or query is missing, or the query has a ``?`` and there are no data.
            sqlite3.Error: SQLite refuses the query.
        """
        _check(db, "query", query)
        if "?" in query and not data:
            raise ValueError(
                "The query contains '?', but there are no data. Give a tuple with one value for each '?' as `data`."
            )
        with _opened(db) as connection:
            return connection.execute(query, data).fetchall()


class SQLiteScript(Task):
    """Runs statements in a SQLite database.

    Args:
        db: File of the database; made if it does not exist.
        script: Statements with semicolons between them.
        **kwargs: Arguments of ``Task``.
    """

    def __init__(self, db: str | None = None, script: str | None = None, **kwargs: Any) -> None:
        self.db = db
        self.script = script
        super().__init__(**kwargs)

    @defaults_from_attrs("db", "script")
    def run(self, db: str = None, script: str = None) -> Any:  # type: ignore[assignment]  # noqa: RUF013 - as 1.x serializes it
        """Run the statements, each of which is kept at once unless the script begins a transaction itself.

        Args:
            db: In place of that of the task.
            script: In place of that of the task.

        Raises:
            ValueError: Database or script is missing.
            sqlite3.Error: SQLite refuses a statement; those before it are kept.
        """
        _check(db, "script", script)
        with _opened(db) as connection:
            connection.executescript(script)


def _check(db: str | None, name: str, text: str | None) -> None:
    for argument, value in (("db", db), (name, text)):
        if not value:
            raise ValueError(f"No `{argument}` provided. Give it to the task or to its run(…).")


def _opened(db: str) -> "closing[Connection]":
    import sqlite3
    from contextlib import closing

    return closing(sqlite3.connect(db))
