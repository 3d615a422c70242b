"""Looping (core.md §8.8)."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

import prefect
from prefect import Flow, Parameter, task
from prefect.engine import TaskRunner, signals
from prefect.engine.results import LocalResult
from prefect.engine.state import Failed, Looped, Pending, Retrying, Running, Success

MISSING = "missing"


def seen_of_loop() -> tuple[Any, Any]:
    return prefect.context.get("task_loop_count", MISSING), prefect.context.get("task_loop_result", MISSING)


def looping(times: int = 3, seen: list[Any] | None = None, **options: Any) -> Any:
    """A task with this many iterations, each of which hands its number on."""

    def run() -> int:
        if seen is not None:
            seen.append(seen_of_loop())
        count: int = prefect.context.get("task_loop_count", 1)
        if count < times:
            raise signals.LOOP(result=count)
        return count

    return task(run, name="t", **options)


#: The short path, and the full pipeline.
BOTH_WAYS = pytest.mark.parametrize("options", [{}, {"state_handlers": [lambda *args: None]}], ids=["short", "full"])


@BOTH_WAYS
def test_an_iteration_sees_its_number_and_the_last_result_and_the_first_sees_neither(options: Any):
    seen: list[Any] = []
    loop = looping(seen=seen, **options)
    state = Flow("f", tasks=[loop]).run()
    assert seen == [(MISSING, MISSING), (2, 1), (3, 2)]
    assert (state.result[loop].message, state.result[loop].result) == ("Task run succeeded.", 3)


@BOTH_WAYS
def test_only_one_start_and_one_finish_are_logged(options: Any, log: Any):
    Flow("f", tasks=[looping(**options)]).run()
    assert log.lines("TaskRunner") == [
        "INFO Task 't': Starting task run...",
        "INFO Task 't': Finished task run for task with final state: 'Success'",
    ]


@BOTH_WAYS
def test_inputs_stay_the_same(options: Any):
    @task(**options)
    def pages(last, step):
        found = [*prefect.context.get("task_loop_result", []), len(prefect.context.get("task_loop_result", [])) + step]
        if len(found) < last:
            raise signals.LOOP(result=found)
        return found

    with Flow("f") as flow:
        all_pages = pages(Parameter("last", default=3), step=1)
    assert flow.run().result[all_pages].result == [1, 2, 3]


@BOTH_WAYS
@pytest.mark.parametrize(
    ("signal", "result"),
    [(signals.LOOP(), "LOOP()"), (signals.LOOP("hl"), "LOOP('hl')"), (signals.LOOP(result=None), None)],
    ids=repr,
)
def test_the_result_of_a_loop_defaults_to_its_text(signal: Any, result: Any, options: Any):
    @task(**options)
    def once():
        if "task_loop_count" in prefect.context:
            return ("got", prefect.context.task_loop_result)
        raise signal

    assert Flow("f", tasks=[once]).run().result[once].result == ("got", result)


@BOTH_WAYS
def test_a_loop_may_be_long(options: Any):
    loop = looping(times=3000, **options)
    assert Flow("f", tasks=[loop]).run().result[loop].result == 3000


def test_handlers_see_each_iteration():
    seen = []
    loop = looping(
        times=2, state_handlers=[lambda task, old, new: seen.append((type(old), type(new), old.message, new.message))]
    )
    Flow("f", tasks=[loop]).run()
    assert seen == [
        (Pending, Running, None, "Starting task run."),
        (Running, Looped, "Starting task run.", "Task is looping (1)"),
        (Pending, Running, "Looping task (on loop index 1)", "Starting task run."),
        (Running, Success, "Starting task run.", "Task run succeeded."),
    ]


def test_a_loop_may_have_a_message():
    seen = []

    @task(state_handlers=[lambda task, old, new: seen.append(new.message)])
    def once():
        if "task_loop_count" not in prefect.context:
            raise signals.LOOP("page 1")

    TaskRunner(once).run()
    assert seen[1] == "page 1"


def test_children_loop_by_themselves():
    @task
    def count(upto):
        now = prefect.context.get("task_loop_count", 1)
        if now < upto:
            raise signals.LOOP
        return now

    with Flow("f") as flow:
        counts = count.map([1, 3, 2])
    assert flow.run().result[counts].result == [1, 3, 2]


def test_loop_results_are_stored_when_checkpointing(tmp_path: Any):
    loop = looping(result=LocalResult(dir=str(tmp_path), location="{task_loop_result}.bin"))

    def locate(**names: Any) -> str:
        return f"{names.get('task_loop_count', 1)}.bin"

    loop.result = LocalResult(dir=str(tmp_path), location=locate)
    Flow("f", tasks=[loop]).run(context={"checkpointing": True})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1.bin", "2.bin", "3.bin"]
    assert loop.result.read("2.bin").value == 2


def test_a_loop_ends_with_whatever_ends_a_task():
    @task
    def skips():
        if "task_loop_count" in prefect.context:
            raise signals.SKIP("enough")
        raise signals.LOOP

    assert Flow("f", tasks=[skips]).run().result[skips].message == "enough"


# ---- retries inside loops ------------------------------------------------------------------------------------------


def fails_at_two(seen: list[Any], **options: Any) -> Any:
    """Three iterations, of which the second fails in its first attempt."""

    @task(name="t", max_retries=1, retry_delay=datetime.timedelta(0), **options)
    def run():
        count = prefect.context.get("task_loop_count", 1)
        seen.append((count, prefect.context.get("task_loop_result"), prefect.context.task_run_count))
        if count == 2 and prefect.context.task_run_count == 1:
            raise ConnectionError("at two")
        if count < 3:
            raise signals.LOOP(result=f"result {count}")
        return count

    return run


def test_a_failing_iteration_is_retried_with_its_number_and_result():
    seen: list[Any] = []
    loop = fails_at_two(seen)
    assert Flow("f", tasks=[loop]).run().result[loop].result == 3
    assert seen == [(1, None, 1), (2, "result 1", 1), (2, "result 1", 2), (3, "result 2", 1)]


def test_the_retry_of_an_iteration_does_not_begin_anew(log: Any):
    Flow("f", tasks=[fails_at_two([])]).run()
    assert log.lines("TaskRunner") == [
        "INFO Task 't': Starting task run...",
        "ERROR Task 't': Exception encountered during task execution!",
        "INFO Task 't': Finished task run for task with final state: 'Retrying'",
        "INFO Task 't': Finished task run for task with final state: 'Success'",
    ]


def test_the_state_between_holds_number_and_result():
    state = TaskRunner(fails_at_two([])).run()
    assert (type(state), state.message) == (Retrying, "Retrying Task (after attempt 1 of 2)")
    assert state.result == "result 1"
    assert state.context["task_loop_count"] == 2


def test_the_state_between_knows_where_the_result_is_stored(tmp_path: Any):
    result = LocalResult(dir=str(tmp_path), location="loop.bin")
    state = TaskRunner(fails_at_two([], result=result)).run(context={"checkpointing": True})
    assert state._result.location == str(tmp_path / "loop.bin")


def test_an_iteration_may_fail_for_good():
    @task(max_retries=1, retry_delay=datetime.timedelta(0))
    def fails():
        if "task_loop_count" in prefect.context:
            raise ConnectionError("always at two")
        raise signals.LOOP

    assert type(Flow("f", tasks=[fails]).run().result[fails]) is Failed
