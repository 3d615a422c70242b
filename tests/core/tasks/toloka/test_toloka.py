"""What of the tasks for Toloka needs no Toloka. Source: core.md §21.10."""

from __future__ import annotations

import inspect
from dataclasses import dataclass

import pytest
from web_service import web_service

from prefect import Flow, task
from prefect.tasks.toloka import download_json
from prefect.tasks.toloka.utils import extract_id, structure_from_conf, with_logger, with_updated_signature


@dataclass
class Pool:
    """Has what classes of the toloka-kit have."""

    id: str | None = None

    @classmethod
    def structure(cls, data):
        return cls(**data)


class TestDownloadJson:
    def test_the_document_at_the_address_is_returned(self):
        with web_service() as service:
            service.kept["/tasks.json"] = b'[{"image": "a.png"}, null, "\xc3\xa4"]'

            assert download_json.run(f"{service.address}/tasks.json") == [{"image": "a.png"}, None, "ä"]

    def test_it_is_a_task(self):
        with web_service() as service:
            service.kept["/pool.json"] = b'{"private_name": "p"}'
            with Flow("f") as flow:
                document = download_json(f"{service.address}/pool.json")

            assert flow.run().result[document].result == {"private_name": "p"}

    def test_what_is_not_there_is_an_os_error(self):
        with web_service() as service, pytest.raises(OSError, match=r"cannot be read: HTTP Error 404"):
            download_json.run(f"{service.address}/nothing.json")

    def test_what_is_no_json_is_a_value_error(self):
        with web_service() as service:
            service.kept["/page"] = b"<html>"

            with pytest.raises(ValueError, match=r"^Expecting value"):
                download_json.run(f"{service.address}/page")


class TestStructureFromConf:
    @pytest.mark.parametrize("conf", [{"id": "4"}, '{"id": "4"}', b'{"id": "4"}'])
    def test_what_describes_a_thing_becomes_one(self, conf):
        assert structure_from_conf(conf, Pool) == Pool("4")

    def test_one_stays_itself(self):
        pool = Pool("4")

        assert structure_from_conf(pool, Pool) is pool

    @pytest.mark.parametrize("conf", [None, 4, [1], "[1]"])
    def test_anything_else_is_refused(self, conf):
        with pytest.raises(TypeError, match=r"is no Pool\. Give one, or a dictionary, or one as JSON\.$"):
            structure_from_conf(conf, Pool)

    def test_what_is_no_json_is_refused(self):
        with pytest.raises(ValueError, match=r"^Expecting property name"):
            structure_from_conf("{x", Pool)


class TestExtractId:
    @pytest.mark.parametrize("thing", ["4", Pool("4"), {"id": "4"}, '{"id": "4"}', b'{"id": "4"}'])
    def test_the_id_of_a_thing_is_found(self, thing):
        assert extract_id(thing, Pool) == "4"

    def test_a_thing_without_an_id_is_refused(self):
        with pytest.raises(ValueError, match=r"^This Pool has no id: Pool\(id=None\)\."):
            extract_id(Pool(), Pool)


class TestWithLogger:
    def test_the_function_is_given_a_logger(self):
        @with_logger
        def double(a: int, *, logger) -> int:
            """Say the doc."""
            return a * 2, logger.name

        assert double(2) == (4, "prefect")
        assert double(2, logger=SimpleLogger("mine")) == (4, "mine")

    def test_it_looks_as_if_it_took_none(self):
        @with_logger
        def double(a: int, *, logger, b=1) -> int:
            """Say the doc."""

        assert (str(inspect.signature(double)), double.__name__, double.__doc__) == (
            "(a: 'int', *, b=1) -> 'int'",
            "double",
            "Say the doc.",
        )

    def test_in_a_task_it_is_that_of_the_task(self):
        @task
        @with_logger
        def name(a, *, logger):
            return logger.name

        with Flow("f") as flow:
            named = name(1)

        assert flow.run().result[named].result == "prefect.name"


@dataclass
class SimpleLogger:
    name: str


class TestWithUpdatedSignature:
    def test_arguments_are_hidden_and_shown(self):
        def create(obj, client, b=1, **kwargs):
            """Create it."""

        def wrapper(*args, token=None, **kwargs):
            return args, token, kwargs

        updated = with_updated_signature(create, wrapper, add_wrapper_args=["token"], remove_func_args=["client"])

        assert updated is wrapper
        assert (str(inspect.signature(updated)), updated.__name__, updated.__doc__) == (
            "(obj, b=1, *, token=None, **kwargs)",
            "create",
            "Create it.",
        )
        assert updated(1, token="t", b=2) == ((1,), "t", {"b": 2})

    def test_an_argument_that_the_wrapper_lacks_is_refused(self):
        with pytest.raises(KeyError, match="token"):
            with_updated_signature(extract_id, structure_from_conf, add_wrapper_args=["token"])
