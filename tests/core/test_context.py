"""``prefect.context``: layers of values, restored at the end of each block. Source: core.md §12."""

from __future__ import annotations

import copy
import logging
import pickle
import subprocess
import sys
import threading
from collections.abc import MutableMapping

import pytest

import prefect
from prefect import Flow, task
from prefect.context import ABSENT, Lazy, context, pop, push, push_layers
from prefect.utilities.configuration import set_temporary_config


@pytest.fixture(autouse=True)
def fresh():
    """A block around each test, so that nothing set in it stays."""
    with context():
        yield


class TestReading:
    def test_values_are_attributes_and_items(self):
        with context(a=1):
            assert (context.a, context["a"], context.get("a")) == (1, 1, 1)

    def test_a_missing_attribute_is_an_attribute_error(self):
        with pytest.raises(AttributeError, match=r"^'Context' object has no attribute 'nope'$"):
            context.nope  # noqa: B018 - reading it is the test

    def test_a_missing_item_is_a_key_error(self):
        with pytest.raises(KeyError, match=r"^'nope'$"):
            context["nope"]

    def test_get_has_a_default(self):
        assert (context.get("nope"), context.get("nope", 3)) == (None, 3)

    def test_a_value_that_is_none_is_there(self):
        with context(a=None):
            assert "a" in context
            assert context.get("a", 3) is None

    def test_it_is_a_mapping(self):
        with context(a=1, b=2):
            assert isinstance(context, MutableMapping)
            assert {**context} == dict(context) == dict(context.items())
            assert len(context) == len(list(context)) == len(context.values())

    def test_a_key_hidden_by_a_newer_layer_counts_once(self):
        with context(a=1), context(a=2):
            assert list(context).count("a") == 1
            assert context.copy()["a"] == 2

    def test_it_shows_itself_without_its_content(self):
        assert repr(context) == "<Context>"

    def test_it_becomes_nested_plain_dictionaries(self):
        with context(a={"b": 1}):
            found = context.to_dict()
        assert found["a"] == {"b": 1}
        assert type(found["config"]) is dict
        assert type(found["config"]["flows"]) is dict

    def test_a_copy_is_a_plain_dictionary_that_shares_its_values(self):
        nested = []
        with context(a=nested):
            copied = context.copy()
        assert type(copied) is dict
        assert copied["a"] is nested

    def test_a_copy_has_what_is_made_when_asked_for_and_not_what_was_deleted(self):
        made = []
        with context(a=1, b=Lazy(lambda: made.append(2) or made)), context():
            del context["a"]
            copied = context.copy()
            assert "a" not in copied
            assert copied["b"] is context.b is made
            assert copied == dict(context)
        assert made == [2]


class TestWriting:
    def test_values_are_set_as_attributes_and_items(self):
        context.a = 1
        context["b"] = 2
        assert (context["a"], context.b) == (1, 2)

    def test_update_sets_several(self):
        context.update({"a": 1}, b=2)
        assert (context.a, context.b) == (1, 2)

    def test_setdefault_sets_what_is_missing(self):
        assert context.setdefault("a", 1) == context.setdefault("a", 2) == context.a == 1

    def test_values_are_deleted_as_attributes_and_items(self):
        context.update(a=1, b=2)
        del context.a
        del context["b"]
        assert "a" not in context
        assert "b" not in context

    def test_a_missing_value_cannot_be_deleted(self):
        with pytest.raises(AttributeError, match="'nope'"):
            del context.nope
        with pytest.raises(KeyError, match="'nope'"):
            del context["nope"]

    def test_pop_removes_and_returns(self):
        context.a = 1
        assert (context.pop("a"), context.pop("a", None)) == (1, None)

    def test_pop_of_a_missing_value_is_a_key_error(self):
        with pytest.raises(KeyError, match="'nope'"):
            context.pop("nope")


class TestBlocks:
    def test_a_block_overlays_values(self):
        with context({"a": 1, "b": 1}, b=2) as inner:
            assert inner is context
            assert (context.a, context.b) == (1, 2)
        assert "a" not in context

    def test_the_previous_content_comes_back(self):
        with context(a=1):
            with context(a=2):
                assert context.a == 2
            assert context.a == 1

    def test_it_comes_back_after_updates_and_deletions(self):
        with context(a=1, b=1):
            with context(c=1):
                context.update(a=2, d=2)
                del context.b
                assert context.copy().items() >= {("a", 2), ("c", 1), ("d", 2)}
                assert "b" not in context
            assert (context.a, context.b, "c" in context, "d" in context) == (1, 1, False, False)

    def test_it_comes_back_after_an_error(self):
        with pytest.raises(ZeroDivisionError), context(a=1):
            raise ZeroDivisionError
        assert "a" not in context

    def test_nested_values_are_kept_as_they_are_given(self):
        given = {"b": {"c": 1}}
        with context(a=given):
            assert context.a is given

    def test_a_configuration_is_merged_into_the_current_one(self):
        with context(config={"debug": "yes", "flows": {"mine": 1}}):
            assert context.config.debug == "yes"
            assert context.config.flows.mine == 1
            assert context.config.flows.eager_edge_validation is False
        assert context.config is prefect.config
        assert "mine" not in prefect.config.flows

    def test_what_a_task_sets_does_not_leak_out_of_it(self):
        @task
        def leaks():
            prefect.context.update(leaked=1)
            return prefect.context.leaked

        with Flow("f") as flow:
            leaked = leaks()
        state = flow.run()

        assert state.result[leaked].result == 1
        assert "leaked" not in prefect.context


class TestWhatIsThere:
    def test_the_configuration_is_there(self):
        assert context.config is prefect.config

    def test_outside_runs_there_is_nothing_else_but_the_root_logger(self):
        code = "import prefect; print(sorted(prefect.context), prefect.context.logger.name)"
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert run.stdout == "['config', 'logger'] prefect\n"

    def test_the_logger_is_the_root_logger_outside_runs(self):
        assert context.logger is logging.getLogger("prefect")

    def test_logging_is_loaded_only_when_the_logger_is_asked_for(self):
        code = (
            "import sys, prefect\n"
            "'logger' in prefect.context\n"
            "print('logging' in sys.modules)\n"
            "prefect.context.logger\n"
            "print('logging' in sys.modules)"
        )
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert run.stdout == "False\nTrue\n"

    def test_a_task_finds_its_own_logger(self):
        @task
        def says():
            return prefect.context.logger.name

        with Flow("f") as flow:
            plain, mapped = says(), says.map(upstream_tasks=[[1, 2]])
        state = flow.run()

        assert state.result[plain].result == "prefect.says"
        assert state.result[mapped].result == ["prefect.says[0]", "prefect.says[1]"]

    def test_the_section_context_of_the_configuration_is_there(self):
        code = "import prefect; print(prefect.context.colour, prefect.context.secrets)"
        run = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PREFECT__CONTEXT__COLOUR": "red", "PREFECT__CONTEXT__SECRETS__KEY": "s3"},
        )
        assert run.stdout == "red <Config: 'KEY'>\n"

    def test_a_temporary_configuration_is_seen(self):
        with set_temporary_config({"flows.checkpointing": True}):
            assert context.config.flows.checkpointing is True

    def test_a_flow_under_construction_is_there_and_nothing_about_blocks_that_are_not(self):
        with Flow("f") as flow:
            assert context.flow is flow
            assert {"case", "mapped", "resource", "tags"}.isdisjoint(context)
        assert "flow" not in context


class TestThreads:
    def test_a_thread_begins_with_the_configured_values(self):
        found = []
        with context(a=1):
            thread = threading.Thread(target=lambda: found.append(sorted(context)))
            thread.start()
            thread.join()
        assert found == [["config", "logger"]]

    def test_what_a_thread_sets_stays_there(self):
        thread = threading.Thread(target=lambda: context.update(a=1))
        thread.start()
        thread.join()
        assert "a" not in context


class TestPickling:
    def test_it_cannot_be_pickled(self):
        with pytest.raises(TypeError, match=r"^Pickling context objects is explicitly not supported"):
            pickle.dumps(context)

    def test_it_cannot_be_deep_copied_either(self):
        with pytest.raises(TypeError, match=r"^Pickling context objects is explicitly not supported"):
            copy.deepcopy(context)


class TestLayers:
    def test_a_pushed_layer_is_seen_until_it_is_popped(self):
        token = push({"a": 1})
        assert context.a == 1
        pop(token)
        assert "a" not in context

    def test_a_lazy_value_is_made_when_it_is_asked_for_and_kept(self):
        made = []

        def make():
            made.append(None)
            return len(made)

        with context(a=Lazy(make)):
            assert "a" in context
            assert made == []
            assert (context.a, context["a"], made) == (1, 1, [None])

    def test_an_absent_value_hides_older_ones(self):
        with context(a=1), context(a=ABSENT):
            assert "a" not in context
            assert context.get("a", 2) == 2
            assert "a" not in context.copy()

    def test_the_layers_of_another_thread_can_be_taken_over(self):
        token = push_layers(({"a": 1},))
        assert dict(context) == {"a": 1}
        pop(token)
        assert "a" not in context
