"""What ``prefect.context`` says during runs (core.md §8.2.2 and §12)."""

from __future__ import annotations

import datetime
import logging
from typing import Any

import pendulum
import pytest

import prefect
from prefect import Flow, Parameter, context, task
from prefect.engine import FlowRunner, TaskRunner

IN_A_TASK = set(
    "caches checkpointing config date flow_id flow_name flow_run_id flow_run_name logger map_index parameters"
    " scheduled_start_time task_full_name task_id task_name task_run_count task_run_id task_slug task_tags"
    " today today_nodash tomorrow tomorrow_nodash yesterday yesterday_nodash".split()
)
DATES = ("yesterday", "today", "tomorrow", "yesterday_nodash", "today_nodash", "tomorrow_nodash")
WARNING = (
    "WARNING `date` was set in the context manually but could not be parsed into a pendulum `DateTime` object."
    " Additional context variables that rely on the current date i.e `today` and `tomorrow` will be based"
    " on the current time instead of the `date` context variable."
)


def seen(*names: str, run: Any = None, tags: Any = (), **options: Any) -> Any:
    """What a task sees under these names, one value or a list."""

    @task(name="look", tags=tags)
    def look():
        found = [prefect.context[name] for name in names]
        return found[0] if len(names) == 1 else found

    state = Flow("f", tasks=[look]).run(**options)
    assert state.is_successful(), state.result[look]
    return state.result[look].result


def test_the_keys_are_those_of_1_4_1():
    look = task(lambda: set(prefect.context.keys()), name="look")
    assert Flow("f", tasks=[look]).run().result[look].result >= IN_A_TASK
    assert Flow("f", tasks=[look]).run().result[look].result - IN_A_TASK <= set(context.keys())


def test_a_flow_is_known_by_its_name_and_a_task_by_name_and_slug():
    assert seen("flow_name", "flow_id", "task_name", "task_full_name", "task_slug", "task_id") == [
        "f",
        "f",
        "look",
        "look",
        "look-1",
        "look-1",
    ]


def test_a_task_that_is_not_mapped_has_no_index_and_is_in_its_first_run():
    assert seen("map_index", "task_run_count", "checkpointing") == [None, 1, False]


def test_tags_are_a_set():
    assert seen("task_tags", tags=["b", "a"]) == {"a", "b"}


def test_the_logger_is_that_of_the_task():
    logger = seen("logger")
    assert isinstance(logger, logging.Logger)
    assert logger.name == "prefect.look"


def test_parameters_are_there_with_their_defaults():
    found = task(lambda: dict(prefect.context.parameters), name="found")
    flow = Flow("f", tasks=[Parameter("p", default=1), Parameter("q"), found])
    assert flow.run(q=2).result[found].result == {"p": 1, "q": 2}


@pytest.mark.parametrize("name", ["date", "scheduled_start_time"])
def test_times_are_pendulum_and_now_by_default(name: str):
    before = pendulum.now("UTC")
    moment = seen(name)
    assert isinstance(moment, pendulum.DateTime)
    assert before <= moment <= pendulum.now("UTC") or abs((moment - before).total_seconds()) < 60


def test_days_are_counted_from_now_in_utc(clock: Any):
    assert seen(*DATES) == ["2024-05-16", "2024-05-17", "2024-05-18", "20240516", "20240517", "20240518"]


@pytest.mark.parametrize("given", ["2020-03-01", "2020-03-01T12:00:00", pendulum.datetime(2020, 3, 1)], ids=repr)
def test_days_are_counted_from_a_given_date(given: Any, log: Any):
    assert seen(*DATES, context={"date": given}) == [
        "2020-02-29",
        "2020-03-01",
        "2020-03-02",
        "20200229",
        "20200301",
        "20200302",
    ]
    assert WARNING not in log.lines()


def test_a_date_given_as_text_becomes_a_datetime():
    assert seen("date", context={"date": "2020-03-01"}) == pendulum.datetime(2020, 3, 1)


@pytest.mark.parametrize(
    "given",
    ["no date", 5, datetime.date(2020, 3, 1), datetime.datetime(2020, 3, 1, tzinfo=datetime.timezone.utc)],
    ids=repr,
)
def test_an_unusable_date_stays_and_is_warned_of(given: Any, log: Any, clock: Any):
    assert seen("date", "today", context={"date": given}) == [given, "2024-05-17"]
    assert log.lines("FlowRunner")[:2] == ["INFO Beginning Flow run for 'f'", WARNING]


def test_none_as_a_date_stays_without_a_warning(log: Any):
    assert seen("date", context={"date": None}) is None
    assert WARNING not in log.lines()


@pytest.mark.parametrize("key", DATES)
def test_a_given_day_is_kept_and_moves_no_other(key: str, clock: Any):
    found = dict(zip(DATES, seen(*DATES, context={key: "mine"})))
    usual = dict(zip(DATES, seen(*DATES)))
    assert found == {**usual, key: "mine"}


def test_an_enclosing_context_counts_like_a_given_one():
    with context(date="2020-03-01", mine=1):
        assert seen("today", "mine") == ["2020-03-01", 1]


def test_a_given_context_wins_over_an_enclosing_one():
    with context(mine=1):
        assert seen("mine", context={"mine": 2}) == 2


def test_a_given_configuration_is_merged_into_the_present_one():
    config = seen("config", context={"config": {"flows": {"checkpointing": True}}})
    assert config.flows.checkpointing is True
    assert config.flows.run_on_schedule is True


@pytest.mark.parametrize(
    "options",
    [{"context": {"checkpointing": True}}, {"context": {"config": {"flows": {"checkpointing": True}}}}],
    ids=repr,
)
def test_checkpointing_may_be_asked_for(options: Any):
    assert seen("checkpointing", **options) is True


def test_what_a_task_sets_does_not_leave_it():
    with Flow("f") as flow:
        first = task(lambda: prefect.context.update(left=1, flow_name="mine"), name="first")()
        second = task(lambda: (prefect.context.get("left"), prefect.context.flow_name), name="second")(
            upstream_tasks=[first]
        )
    assert flow.run().result[second].result == (None, "f")
    assert "left" not in context


def test_the_order_of_threads_does_not_mix_contexts():
    from prefect.executors import LocalDaskExecutor

    with Flow("f") as flow:
        names = task(lambda x: prefect.context.task_full_name, name="who").map(list(range(20)))
    state = flow.run(executor=LocalDaskExecutor(num_workers=4))
    assert state.result[names].result == [f"who[{index}]" for index in range(20)]


def test_a_flow_inside_a_task_is_a_flow_of_its_own():
    inner = task(lambda: (prefect.context.flow_name, prefect.context.flow_id, prefect.context.task_name), name="inner")
    outer = task(lambda: Flow("nested", tasks=[inner]).run().result[inner].result, name="outer")
    assert Flow("f", tasks=[outer]).run().result[outer].result == ("nested", "nested", "inner")


def test_parameters_of_an_outer_run_are_seen_and_may_be_replaced():
    def nested() -> Any:
        with Flow("nested") as flow:
            p = Parameter("p", default="inner")
            q = Parameter("q", default="inner")
            flow.add_task(p)
            flow.add_task(q)
        state = flow.run(q="given")
        return state.result[p].result, state.result[q].result

    with Flow("f") as flow:
        flow.add_task(Parameter("p", default="outer"))
        found = task(nested)()
    assert flow.run().result[found].result == ("outer", "given")


def test_a_task_alone_knows_nothing_of_a_flow():
    found = TaskRunner(task(lambda: set(prefect.context.keys()), name="look")).run().result
    assert found >= {
        "checkpointing",
        "config",
        "logger",
        "map_index",
        "task_full_name",
        "task_name",
        "task_run_count",
        "task_tags",
    }
    assert not found & {"flow_name", "parameters", "date", "today", "scheduled_start_time"}


def test_a_flow_runner_alone_makes_no_identities():
    look = task(lambda: set(prefect.context.keys()), name="look")
    state = FlowRunner(Flow("f", tasks=[look])).run(return_tasks=[look])
    assert not state.result[look].result & {"flow_run_id", "flow_run_name"}


def test_nothing_loads_pendulum_for_a_run_that_does_not_ask_for_times():
    import subprocess
    import sys

    code = (
        "import sys\nfrom prefect import Flow, task\n"
        "with Flow('f') as flow: task(lambda: 1)()\n"
        "flow.run()\nprint('pendulum' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[-1] == "False"
