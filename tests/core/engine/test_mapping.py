"""Mapping, reducing and flattening (core.md §8.6)."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import pytest

import prefect
from prefect import Flow, Parameter, flatten, task, unmapped
from prefect.engine import signals
from prefect.engine.state import (
    Failed,
    Mapped,
    Pending,
    Running,
    Skipped,
    State,
    Success,
    TriggerFailed,
)
from prefect.executors import LocalDaskExecutor, LocalExecutor
from prefect.triggers import all_failed, all_finished, any_failed, any_successful, not_all_skipped, some_failed

SKIPPED_UPSTREAM = (
    "Upstream task was skipped; if this was not the intended behavior, consider changing"
    " `skip_on_upstream_skip=False` for this task."
)


@task
def value(x):
    """Hand on what is given: the one task whose upstream is a Parameter, so that it can be anything."""
    return x


@task
def show(x):
    return x


@task
def picky(x):
    """Fail on 'fail', skip on 'skip'."""
    if x == "fail":
        raise ValueError(x)
    if x == "skip":
        raise signals.SKIP("skipped itself")
    return x


@task
def collect(x):
    return x


class Plain:
    """Without __getitem__."""


def run(build: Any, given: Any = None, **options: Any) -> list[State]:
    """Build a flow over a task that hands on ``given``; return the states of the tasks that ``build`` returns."""
    with Flow("f") as flow:
        tasks = build(value(Parameter("given", default=given)))
    state = flow.run(**options)
    tasks = tasks if isinstance(tasks, list) else [tasks]
    return [state.result[one] for one in tasks]


def results(state: State) -> list[str]:
    return [repr(child.result) for child in state.map_states]


# ---- the parent (§8.6.1) -------------------------------------------------------------------------------------------


def test_a_mapped_task_has_one_child_for_each_element():
    (state,) = run(show.map, [1, 2])
    assert (type(state), state.message, state.n_map_states) == (Mapped, "Ready to proceed with mapping.", 2)
    assert [(type(child), child.result) for child in state.map_states] == [(Success, 1), (Success, 2)]
    assert state.result == [1, 2]


@pytest.mark.parametrize(
    "given", [None, 5, {1, 2}, iter([1]), Plain()], ids=["None", "int", "set", "iterator", "object"]
)
def test_what_has_no_elements_by_number_cannot_be_mapped_over(given: Any):
    (state,) = run(show.map, given)
    assert (type(state), state.message) == (Failed, "At least one upstream state has an unmappable result.")


def test_a_dictionary_cannot_be_mapped_over():
    """1.4.1 failed the whole flow with ``KeyError(0)`` (core.md §23, 25)."""
    (state,) = run(show.map, {"a": 1})
    assert (type(state), state.message) == (Failed, "At least one upstream state has an unmappable result.")


@pytest.mark.parametrize("trigger", [None, all_finished, any_failed, all_failed])
def test_nothing_successful_to_map_over_is_a_failure_whatever_the_trigger(trigger: Any):
    mapped = task(show.run, name="m", **({"trigger": trigger} if trigger else {}))
    (state,) = run(lambda given: mapped.map(picky(given)), "fail")
    assert (type(state), state.message) == (Failed, "No upstream states can be mapped over.")


@pytest.mark.parametrize("over", [True, False], ids=["mapped over", "unmapped"])
def test_a_skipped_upstream_task_skips_the_parent(over: bool):
    @task
    def two(x, y):
        return x

    def build(given: Any) -> Any:
        skipped = picky("skip")
        return two.map(given, skipped if over else unmapped(skipped))

    (state,) = run(build, [1, 2])
    assert (type(state), state.message) == (Skipped, SKIPPED_UPSTREAM)


def test_a_parent_waits_for_unfinished_upstream_tasks(log: Any):
    with Flow("f") as flow:
        start = value(1)
        mapped = show.map(start)
    state = flow.run(task_states={start: Running()})
    assert type(state.result[mapped]) is Pending


def test_the_parent_logs_before_its_children(log: Any):
    run(show.map, [1])
    assert [line for line in log.lines() if "'show" in line] == [
        "INFO Task 'show': Starting task run...",
        "INFO Task 'show': Finished task run for task with final state: 'Mapped'",
        "INFO Task 'show[0]': Starting task run...",
        "INFO Task 'show[0]': Finished task run for task with final state: 'Success'",
    ]


# ---- the children (§8.6.2) -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "elements"),
    [
        ([1, 2], [1, 2]),
        ((1, 2), [1, 2]),
        ("ab", ["a", "b"]),
        (b"ab", [97, 98]),
        (range(2), [0, 1]),
        ([None, []], [None, []]),
    ],
)
def test_sequences_can_be_mapped_over(given: Any, elements: list[Any]):
    (state,) = run(show.map, given)
    assert state.result == elements


def test_the_shortest_input_decides():
    (state,) = run(lambda given: task(lambda x, y: (x, y), name="pair").map(given, [1, 2]), "abc")
    assert state.result == [("a", 1), ("b", 2)]


def test_an_empty_input_has_no_children():
    mapped, reduced = run(lambda given: [m := show.map(given), collect(m)], [])
    assert (type(mapped), mapped.map_states, mapped.result) == (Mapped, [], [])
    assert reduced.result == []


def test_an_unmapped_input_is_handed_on_whole():
    (state,) = run(lambda given: task(lambda x, y: (x, y), name="pair").map([1, 2], unmapped(given)), [8, 9])
    assert state.result == [(1, [8, 9]), (2, [8, 9])]


def test_an_unmapped_mapped_task_is_handed_on_as_a_list():
    (state,) = run(lambda given: task(lambda x, y: (x, y), name="pair").map([1, 2], unmapped(show.map(given))), [8, 9])
    assert state.result == [(1, [8, 9]), (2, [8, 9])]


def test_upstream_tasks_without_data_take_part():
    def build(given: Any) -> Any:
        return [
            show.map([1, 2, 3], upstream_tasks=[given]),
            show.copy(name="ordered").map([1], upstream_tasks=[value(5)]),
        ]

    shorter, unmappable = run(build, [1, 2])
    assert shorter.n_map_states == 2
    assert unmappable.message == "At least one upstream state has an unmappable result."


def test_a_failing_element_fails_its_child_alone():
    mapped, after = run(lambda given: [m := picky.map(given), show.map(m)], [1, "fail", "skip", 2])
    assert [type(child) for child in mapped.map_states] == [Success, Failed, Skipped, Success]
    assert results(mapped) == ["1", "ValueError('fail')", "SKIP('skipped itself')", "2"]
    assert [type(child) for child in after.map_states] == [Success, TriggerFailed, Skipped, Success]
    assert results(after)[2] == "None"
    assert type(after) is Mapped


def test_a_failed_unmapped_upstream_task_fails_every_child():
    @task
    def two(x, y):
        return x

    (state,) = run(lambda given: two.map(given, unmapped(picky("fail"))), [1, 2])
    assert type(state) is Mapped
    assert [type(child) for child in state.map_states] == [TriggerFailed, TriggerFailed]


def test_a_failed_input_beside_a_successful_one_fails_every_child():
    (state,) = run(lambda given: task(lambda x, y: x, name="two").map(given, picky("fail")), [1, 2])
    assert [type(child) for child in state.map_states] == [TriggerFailed, TriggerFailed]


def test_the_trigger_is_asked_for_each_child():
    cleaning = task(lambda x: repr(x), name="cleaning", trigger=any_failed)
    (state,) = run(lambda given: cleaning.map(picky.map(given)), [1, "fail"])
    assert [type(child) for child in state.map_states] == [TriggerFailed, Success]
    assert state.map_states[1].result == "ValueError('fail')"


def test_a_child_sees_who_it_is():
    names = ("map_index", "task_full_name", "task_name", "task_slug")
    who = task(lambda x: [prefect.context[name] for name in names] + [prefect.context.logger.name], name="who")
    (state,) = run(who.map, "ab")
    assert state.result == [
        [0, "who[0]", "who", "who-1", "prefect.who[0]"],
        [1, "who[1]", "who", "who-1", "prefect.who[1]"],
    ]


def test_handlers_are_told_of_the_parent_and_of_each_child():
    seen = []
    told = task(show.run, name="told", state_handlers=[lambda task, old, new: seen.append((type(old), type(new)))])
    run(told.map, [1, 2])
    assert seen == [(Pending, Mapped), *[(Pending, Running), (Running, Success)] * 2]


def test_finished_children_are_kept_on_the_next_pass(log: Any):
    attempts = []

    @task(max_retries=1, retry_delay=datetime.timedelta(0))
    def flaky(x):
        attempts.append(x)
        if x == 1 and prefect.context.task_run_count == 1:
            raise ValueError(x)
        return x

    mapped, reduced = run(lambda given: [m := flaky.map(given), collect(m)], [0, 1, 2])
    assert reduced.result == mapped.result == [0, 1, 2]
    assert attempts == [0, 1, 2, 1]
    again = log.lines("TaskRunner")[
        log.lines("TaskRunner").index("INFO Task 'collect': Finished task run for task with final state: 'Pending'")
        + 1 :
    ]
    assert again[:4] == [
        "INFO Task 'flaky': Starting task run...",
        "INFO Task 'flaky': Finished task run for task with final state: 'Mapped'",
        "INFO Task 'flaky[0]': Starting task run...",
        "INFO Task 'flaky[0]': Finished task run for task with final state: 'Success'",
    ]


@pytest.mark.parametrize("executor", [LocalExecutor(), LocalDaskExecutor()])
def test_children_that_are_done_need_no_value_to_be_counted_by(executor: Any):
    """A value that is stored nowhere is gone when another process goes on with the run."""
    with Flow("f") as flow:
        upstream = value(0)
        shown = show.map(upstream)
        again = show.map(shown)
    given = {
        upstream: Success(),
        shown: Mapped(map_states=[Success(result=1), Failed()]),
        again: Mapped(map_states=[Success(result=2), TriggerFailed()]),
    }
    state = flow.run(task_states=given, executor=executor)
    assert [type(child) for child in state.result[shown].map_states] == [Success, Failed]
    assert [type(child) for child in state.result[again].map_states] == [Success, TriggerFailed]


@pytest.mark.parametrize("given", [Success(result=[[1], [2]]), Pending()], ids=["there", "made anew"])
@pytest.mark.parametrize("mapped_over", [lambda made: made, flatten], ids=["as it is", "flattened"])
def test_children_that_an_earlier_pass_did_not_know_of_are_run(given: State, mapped_over: Any):
    make = task(lambda: [[1], [2]], name="make")
    with Flow("f") as flow:
        made = make()
        handed_on = value.map(mapped_over(made))
    state = flow.run(task_states={made: given, handed_on: Mapped(map_states=[Success(result="kept")])})
    assert state.result[handed_on].result == ["kept", 2 if mapped_over is flatten else [2]]


def test_a_retry_of_one_child_keeps_what_follows_it_waiting():
    @task(max_retries=1, retry_delay=datetime.timedelta(0))
    def flaky(x):
        if x == 1 and prefect.context.task_run_count == 1:
            raise ValueError(x)
        return x

    passes: list[list[type]] = []
    with Flow(
        "f",
        terminal_state_handler=lambda flow, state, states: passes.append(
            [type(s) for s in state.result[after].map_states]
        ),
    ) as flow:
        after = show.map(flaky.map([0, 1]))
    flow.run()
    assert passes == [[Success, Pending], [Success, Success]]


def test_a_cached_list_can_be_mapped_over():
    kept = task(lambda: [1, 2], name="kept", cache_for=datetime.timedelta(days=1))
    with Flow("f") as flow:
        mapped = show.map(kept())
    assert flow.run().result[mapped].result == [1, 2]
    assert flow.run().result[mapped].result == [1, 2]


def test_an_element_that_cannot_be_had_fails_the_flow(log: Any):
    class Odd:
        def __len__(self) -> int:
            return 2

        def __getitem__(self, index: int) -> Any:
            raise KeyError(index)

    with Flow("f") as flow:
        show.map(task(Odd, name="odd")())
    state = flow.run()
    assert (type(state), repr(state.result)) == (Failed, "KeyError(0)")


# ---- reducing (§8.6.3) ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "trigger", "expected"),
    [
        ([1, 2], None, "[1, 2]"),
        ([1, "fail"], None, TriggerFailed),
        ([1, "skip"], None, Skipped),
        ([1, "fail"], all_finished, "[1, ValueError('fail')]"),
        ([1, "fail"], any_failed, "[1, ValueError('fail')]"),
        ([1, "fail"], any_successful, "[1, ValueError('fail')]"),
        (["fail", "fail"], all_failed, "[ValueError('fail'), ValueError('fail')]"),
        ([1, "fail", "fail"], some_failed(at_least=2, at_most=2), "[1, ValueError('fail'), ValueError('fail')]"),
        ([], any_successful, TriggerFailed),
        ([], not_all_skipped, Skipped),
    ],
)
def test_a_reduce_looks_at_the_children(given: Any, trigger: Any, expected: Any):
    reduce = task(lambda x: x, name="reduce", **({"trigger": trigger} if trigger else {}))
    (state,) = run(lambda given: reduce(picky.map(given)), given)
    assert (repr(state.result) if isinstance(expected, str) else type(state)) == expected


def test_a_reduce_can_bear_skipped_children():
    reduce = task(lambda x: [repr(one) for one in x], name="reduce", skip_on_upstream_skip=False)
    itself, passed_on = run(lambda given: [reduce(m := picky.map(given)), reduce.copy()(show.map(m))], [1, "skip"])
    assert itself.result == ["1", "SKIP('skipped itself')"]
    assert passed_on.result == ["1", "None"]


# ---- flattening (§8.6.4) -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([[1, 2], [3]], [1, 2, 3]),
        ([[1], []], [1]),
        ([], []),
        ([[[1], [2]], [[3]]], [[1], [2], [3]]),
        (["ab", "c"], ["a", "b", "c"]),
        ([1, 2], [1, 2]),
        ([[1], 2], [[1], 2]),
    ],
)
def test_one_level_of_nesting_is_removed(given: Any, expected: Any):
    mapped, reduced = run(lambda given: [show.map(flatten(given)), collect(flatten(given))], given)
    assert mapped.result == reduced.result == expected


def test_what_cannot_be_unnested_is_handed_on_as_it_is(log: Any):
    (state,) = run(lambda given: collect(flatten(given)), 5)
    assert state.result == 5
    assert not [line for line in log.lines() if line.startswith("WARNING")]


def test_the_children_of_a_mapped_task_are_joined():
    upto = task(lambda n: list(range(n)), name="upto")
    mapped, reduced = run(lambda given: [show.map(flatten(m := upto.map(given))), collect(flatten(m))], [2, 0, 3])
    assert mapped.result == reduced.result == [0, 1, 0, 1, 2]


def test_flattening_nests():
    again = task(lambda x: [x, x], name="again")
    (state,) = run(lambda given: show.map(flatten(again.map(flatten(again.map(given))))), [1, 2])
    assert state.result == [1, 1, 1, 1, 2, 2, 2, 2]


def test_a_child_that_is_no_sequence_counts_once_with_a_warning(log: Any):
    mapped, reduced = run(
        lambda given: [show.map(flatten(m := value.copy().map(given))), collect(flatten(m))], [[1, 2], 3]
    )
    assert mapped.result == reduced.result == [1, 2, 3]
    warning = (
        "WARNING `flatten` was used on upstream task that did not return an iterable."
        " The value will be passed downstream unmodified."
    )
    lines = log.lines()
    assert [line for line in lines if line.startswith("WARNING")] == [warning, warning]
    first = lines.index(warning)
    assert lines[first - 1] == "INFO Task 'show': Finished task run for task with final state: 'Mapped'"
    assert lines[len(lines) - 1 - lines[::-1].index(warning) + 1] == "INFO Task 'collect': Starting task run..."


def test_failed_and_skipped_children_count_once_and_do_so_downstream():
    def build(given: Any) -> Any:
        pairs = task(lambda x: [x, x], name="pairs").map(picky.map(given))
        return show.map(flatten(pairs))

    (state,) = run(build, [1, "fail", "skip", 2])
    assert [type(child) for child in state.map_states] == [Success, Success, TriggerFailed, Skipped, Success, Success]


def test_a_task_mapped_over_flattened_children_waits_for_all_of_them():
    @task(max_retries=1, retry_delay=datetime.timedelta(0))
    def flaky(x):
        if x == 0 and prefect.context.task_run_count == 1:
            raise ValueError
        return [x, x + 1]

    calls: list[int] = []
    (state,) = run(
        lambda given: task(lambda x: calls.append(x) or x, name="calls").map(flatten(flaky.map(given))), [0, 10]
    )
    assert state.result == calls == [0, 1, 10, 11]


# ---- with other executors ------------------------------------------------------------------------------------------


def everything(given: Any) -> list[Any]:
    mapped = picky.map(given)
    again = show.copy(name="again").map(mapped)
    pairs = task(lambda x: [x, x], name="pairs").map(given)
    return [
        mapped,
        again,
        show.map(flatten(pairs)),
        collect(flatten(pairs)),
        task(lambda x: [repr(one) for one in x], name="all", trigger=all_finished, skip_on_upstream_skip=False)(again),
    ]


@pytest.fixture(params=["threads", "processes", "sync"])
def executor(request: Any) -> Iterator[LocalDaskExecutor]:
    return LocalDaskExecutor(scheduler=request.param, num_workers=2)


def test_other_executors_give_the_same(executor: Any):
    given = [1, "fail", 2, "skip", 3]
    found = run(everything, given, executor=executor)
    expected = run(everything, given, executor=LocalExecutor())
    for state, other in zip(found, expected):
        assert type(state) is type(other)
        assert repr(state.result) == repr(other.result)
        assert [type(child) for child in getattr(state, "map_states", ())] == [
            type(child) for child in getattr(other, "map_states", ())
        ]
