"""``Flow.run``: passes, retries between them, pausing, schedules, caches (core.md §2.6, §8.1, §9.1)."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable
from typing import Any, NamedTuple

import pendulum
import pytest

import prefect
from prefect import Flow, Parameter, Task, context, task
from prefect.engine import FlowRunner, signals
from prefect.engine.cache_validators import all_inputs
from prefect.engine.state import (
    Cached,
    Failed,
    Paused,
    Pending,
    Resume,
    Running,
    Scheduled,
    State,
    Success,
)
from prefect.tasks.core.constants import Constant

SECOND = datetime.timedelta(seconds=1)


@task
def one():
    return 1


@task
def plus(x):
    return x + 1


def flow_of(*tasks: Any, **kwargs: Any) -> Flow:
    return Flow("f", tasks=tasks, **kwargs)


# ---- arguments (§2.6) ----------------------------------------------------------------------------------------------


def parametrised() -> tuple[Flow, Parameter]:
    flow, p = Flow("f"), Parameter("p")
    flow.add_task(p)
    return flow, p


def test_a_parameter_may_be_given_by_name():
    flow, p = parametrised()
    assert flow.run(p=3).result[p].result == 3


def test_a_parameter_given_by_name_wins():
    flow, p = parametrised()
    parameters = {"p": 1}
    assert flow.run(parameters, p=3).result[p].result == 3
    assert parameters == {"p": 1}


def test_an_unknown_parameter_is_an_error():
    with pytest.raises(ValueError) as caught:
        parametrised()[0].run({"p": 1, "yy": 2, "zz": 3})
    assert str(caught.value) == "Flow.run received the following unexpected parameters: yy, zz"


def test_a_missing_required_parameter_is_an_error():
    flow = flow_of(Parameter("q"), Parameter("p"), Parameter("r", default=1))
    with pytest.raises(ValueError) as caught:
        flow.run()
    assert str(caught.value) == "Flow.run did not receive the following required parameters: p, q"


def test_return_tasks_are_refused():
    with pytest.raises(ValueError, match="return_tasks"):
        flow_of(one).run(return_tasks=[one])


def test_an_unknown_option_is_an_error():
    with pytest.raises(TypeError, match=r"run\(\) got an unexpected keyword argument 'zz'"):
        flow_of(one).run(zz=1)


def test_a_flow_does_not_run_inside_its_own_block():
    with Flow("f") as flow:
        one()
        with pytest.raises(RuntimeError, match="inside its own"):
            flow.run()


def test_a_flow_runs_inside_the_block_of_another():
    flow = flow_of(one)
    with Flow("other"):
        assert flow.run().is_successful()


def test_a_flow_does_not_run_while_its_file_is_loaded():
    with (
        context(loading_flow=True),
        pytest.warns(UserWarning, match=r"Attempting to call `flow\.run` during execution"),
    ):
        assert flow_of(one).run() is None


def test_the_class_of_the_runner_may_be_given():
    class Own(FlowRunner):
        def run(self, *args: Any, **kwargs: Any) -> State:
            return Success("own", result={})

    assert flow_of(one).run(runner_cls=Own).message == "own"


# ---- what is returned ----------------------------------------------------------------------------------------------


def test_all_tasks_have_a_state():
    with Flow("f") as flow:
        p = Parameter("p", default=1)
        constant = Constant(5)
        flow.add_task(constant)
        last = plus(p)
    assert flow.run().result.keys() == {p, constant, last}


def test_an_empty_flow_succeeds():
    state = Flow("f").run()
    assert (type(state), state.result) == (Success, {})


def test_a_finished_state_is_returned_at_once(log: Any):
    flow = flow_of(one)
    state = flow.run(state=Success("done"))
    assert state.message == "done"
    assert [(type(one), one.message) for one in state.result.values()] == [(Pending, "Task not run.")]
    assert log.lines() == []


def test_an_internal_error_is_the_result(log: Any):
    def handler(*args: Any) -> None:
        raise ValueError("tsh")

    state = flow_of(one, terminal_state_handler=handler).run()
    assert (type(state), repr(state.result)) == (Failed, "ValueError('tsh')")
    assert log.lines("f") == ["ERROR Unexpected error occured in FlowRunner: ValueError('tsh')"]


@pytest.mark.parametrize("exception", [KeyboardInterrupt, SystemExit])
def test_what_stops_the_process_leaves_the_run(exception: Any):
    def stop() -> None:
        raise exception

    with pytest.raises(exception):
        flow_of(task(stop)).run()


def test_given_task_states_are_where_tasks_begin():
    with Flow("f") as flow:
        first = one()
        second = plus(first)
    assert flow.run(task_states={first: Success(result=5)}).result[second].result == 6
    assert flow.run(state=Pending(result={first: Success(result=7)})).result[second].result == 8


def test_states_of_unknown_tasks_are_ignored():
    assert flow_of(one).run(task_states={Task("stranger"): Failed()}).is_successful()


# ---- identity (§8.1) -----------------------------------------------------------------------------------------------


def look(*names: str) -> Task:
    return task(lambda: tuple(prefect.context.get(name) for name in names), name="look")


def test_a_run_has_random_ids():
    ids = look("flow_run_id", "flow_run_name", "task_run_id")
    found = flow_of(ids).run().result[ids].result
    assert [str(uuid.UUID(one)) for one in found] == list(found)
    assert len(set(found)) == 3


def test_ids_may_be_given_by_name_or_in_the_context():
    ids = look("flow_run_id", "flow_run_name")
    flow = flow_of(ids)
    assert flow.run(flow_run_id="a", flow_run_name="b").result[ids].result == ("a", "b")
    assert flow.run(flow_run_id="a", context={"flow_run_id": "c", "flow_run_name": "d"}).result[ids].result == (
        "c",
        "d",
    )


def test_the_ids_of_an_outer_run_are_not_used():
    ids = look("flow_run_id", "flow_id")
    with context(flow_run_id="outer", flow_id="outer"):
        found = flow_of(ids).run().result[ids].result
    assert found[0] != "outer"
    assert found[1] == "f"


def test_a_task_run_id_changes_on_each_pass(clock: Any):
    seen = []

    @task(max_retries=2, retry_delay=SECOND)
    def flaky():
        seen.append((prefect.context.task_run_id, prefect.context.flow_run_id))
        raise ValueError

    flow_of(flaky).run()
    tasks, flows = zip(*seen)
    assert len(set(tasks)) == 3
    assert len(set(flows)) == 1


def test_mapped_children_share_the_task_run_id_of_their_parent():
    with Flow("f") as flow:
        ids = task(lambda x: prefect.context.task_run_id, name="ids").map([1, 2])
    first, second = flow.run().result[ids].result
    assert first == second


# ---- passes (§8.1, §8.7) -------------------------------------------------------------------------------------------


def flaky(*failures: int, delay: float = 60) -> Task:
    """A task that fails in these attempts."""

    def run() -> int:
        count: int = prefect.context.task_run_count
        if count in failures:
            raise ValueError(count)
        return count

    return task(run, name="flaky", max_retries=9, retry_delay=datetime.timedelta(seconds=delay))


def test_between_passes_the_run_sleeps_until_the_earliest_start(clock: Any, log: Any):
    flow = flow_of(flaky(1, delay=60), flaky(1, delay=3600).copy(name="slower"))
    start = clock.now
    assert flow.run().is_successful()
    assert clock.slept == [60, 3540]
    assert log.lines("f") == [
        f"INFO Waiting for next available Task run at {(start + seconds).isoformat()}"
        for seconds in (datetime.timedelta(seconds=60), datetime.timedelta(hours=1))
    ]


def test_a_retry_without_delay_is_not_waited_for(clock: Any, log: Any):
    assert flow_of(flaky(1, delay=0)).run().is_successful()
    assert clock.slept == []
    assert log.lines("f") == []


def test_each_pass_says_that_it_begins(clock: Any, log: Any):
    flow_of(flaky(1)).run()
    assert log.lines("FlowRunner") == [
        "INFO Beginning Flow run for 'f'",
        "INFO Flow run RUNNING: terminal tasks are incomplete.",
        "INFO Beginning Flow run for 'f'",
        "INFO Flow run SUCCESS: all reference tasks succeeded",
    ]


def test_the_children_of_a_mapped_task_are_waited_for(clock: Any):
    @task(max_retries=1, retry_delay=datetime.timedelta(seconds=60))
    def child(x):
        if x and prefect.context.task_run_count == 1:
            raise ValueError
        return x

    with Flow("f") as flow:
        mapped = child.map([0, 1])
    assert flow.run().result[mapped].result == [0, 1]
    assert clock.slept == [60]


def test_a_flow_goes_from_scheduled_to_running_once(clock: Any):
    seen = []
    flow = flow_of(flaky(1), state_handlers=[lambda flow, old, new: seen.append((type(old), type(new)))])
    flow.run()
    assert seen == [(Scheduled, Running), (Running, Success)]


def test_a_runner_that_returns_a_scheduled_state_ends_the_run():
    class Later(FlowRunner):
        def run(self, *args: Any, **kwargs: Any) -> State:
            return Scheduled(result={}, start_time=pendulum.datetime(2999, 1, 1))

    assert type(flow_of(one).run(runner_cls=Later)) is Scheduled


def test_a_run_that_cannot_go_on_ends(log: Any):
    with Flow("f") as flow:
        first = one()
        plus(first)
    state = flow.run(task_states={first: Running()})
    assert type(state) is Running
    (line,) = log.lines("f")
    assert line.startswith("ERROR The flow run stops here, since none of its unfinished tasks can begin: ")
    assert "'one' is Running" in line
    assert "'plus' is Pending" in line


def test_a_handler_may_send_a_task_round_again():
    tries = []

    def again(task: Any, old: State, new: State) -> Any:
        if new.is_finished() and len(tries) < 3:
            return Pending("again")
        return None

    flow = flow_of(task(lambda: tries.append(1), name="tries", state_handlers=[again]))
    assert flow.run().is_successful()
    assert len(tries) == 3


def test_a_handler_may_put_off_the_beginning_of_a_task():
    """By giving back the very state in which the task was."""
    asked = []

    def not_yet(task: Any, old: State, new: State) -> Any:
        asked.append(1)
        return old if new.is_running() and len(asked) < 5 else None

    assert flow_of(task(lambda: 1, name="later", state_handlers=[not_yet])).run().is_successful()


def test_a_flow_waits_for_the_start_time_of_a_given_state(clock: Any, log: Any):
    start = clock.after(minutes=1)
    assert flow_of(one).run(state=Scheduled(start_time=start)).is_successful()
    assert clock.slept == [60]
    assert log.lines("f") == [f"INFO Waiting for next scheduled run at {start.isoformat()}"]


# ---- pausing (§8.9) ------------------------------------------------------------------------------------------------


@pytest.fixture
def answers(monkeypatch: Any) -> Callable[..., list[str]]:
    """Answers what is typed at the prompts; gives back what they asked."""

    def answer(*typed: str) -> list[str]:
        asked: list[str] = []
        left = list(typed)

        def ask(prompt: str) -> str:
            asked.append(prompt)
            if not left:
                raise EOFError
            return left.pop(0)

        monkeypatch.setattr("builtins.input", ask)
        return asked

    return answer


def pauses(name: str = "pz", **kwargs: Any) -> Task:
    def run() -> Any:
        if not prefect.context.get("resume"):
            raise signals.PAUSE("hold on", **kwargs)
        return prefect.context.resume

    return task(run, name=name)


@pytest.mark.parametrize("answer", ["y", "Y", " y "])
def test_a_paused_task_goes_on_when_approved(answer: str, answers: Any):
    asked = answers(answer)
    paused = pauses()
    state = flow_of(paused).run()
    assert state.result[paused].result is True
    assert asked == ["<Task: pz> is currently Paused; enter 'y' to resume:\n"]


def test_a_paused_task_is_asked_for_until_it_is_approved(answers: Any, log: Any):
    asked = answers("n", "", "y")
    assert flow_of(pauses()).run().is_successful()
    assert len(asked) == 3
    assert log.lines("TaskRunner")[1:5] == [
        "INFO PAUSE signal raised: PAUSE('hold on')",
        "INFO Task 'pz': Finished task run for task with final state: 'Paused'",
        "INFO Task 'pz': Starting task run...",
        "INFO Task 'pz': Finished task run for task with final state: 'Paused'",
    ]


def test_handlers_see_how_a_task_is_resumed(answers: Any):
    answers("y")
    seen = []
    paused = pauses()
    paused.state_handlers.append(lambda task, old, new: seen.append((type(old), type(new), old.message)))
    flow_of(paused).run()
    assert seen == [
        (Pending, Running, None),
        (Running, Paused, "Starting task run."),
        (Resume, Running, "Approval given to resume."),
        (Running, Success, "Starting task run."),
    ]


def test_end_of_input_leaves_the_run(answers: Any):
    answers()
    with pytest.raises(EOFError):
        flow_of(pauses()).run()


def test_each_paused_task_is_asked_for(answers: Any):
    asked = answers("y", "y")
    assert flow_of(pauses("a"), pauses("b")).run().is_successful()
    assert sorted(asked) == [f"<Task: {name}> is currently Paused; enter 'y' to resume:\n" for name in "ab"]


def test_a_pause_with_an_end_that_is_not_approved_ends_by_itself(answers: Any, clock: Any):
    answers("n")
    assert flow_of(pauses(start_time=clock.after(minutes=1))).run().is_successful()
    assert clock.slept == [60]


def test_a_pause_with_an_end_that_is_approved_ends_at_once(answers: Any, clock: Any):
    answers("y")
    assert flow_of(pauses(start_time=clock.after(minutes=1))).run().is_successful()
    assert clock.slept == []


def test_a_paused_child_is_asked_for(answers: Any):
    asked = answers("n", "y")

    @task
    def child(x):
        if x and not prefect.context.get("resume"):
            raise signals.PAUSE("hold on")
        return x

    with Flow("f") as flow:
        mapped = child.map([0, 1])
    assert flow.run().result[mapped].result == [0, 1]
    assert asked == ["<Task: child[1]> is currently Paused; enter 'y' to resume:\n"] * 2


def test_a_task_is_resumed_by_its_state():
    paused = pauses()
    assert flow_of(paused).run(task_states={paused: Resume()}).result[paused].result is True


# ---- schedules (§8.1, §13.6) ---------------------------------------------------------------------------------------


class Event(NamedTuple):
    start_time: Any
    parameter_defaults: Any = None
    labels: Any = None


class FakeSchedule:
    """Has these events, each of them once."""

    def __init__(self, *events: Event) -> None:
        self.events = list(events)

    def next(self, n: int, *, return_events: bool) -> list[Event]:
        assert (n, return_events) == (1, True)
        return [self.events.pop(0)] if self.events else []


def test_a_scheduled_flow_runs_at_each_time_until_there_is_none(clock: Any, log: Any):
    times = [pendulum.instance(clock.after(minutes=minutes)) for minutes in (1, 3)]
    when = look("scheduled_start_time", "flow_run_id")
    seen = []
    flow = flow_of(when, schedule=FakeSchedule(*map(Event, times)))
    flow.state_handlers.append(
        lambda flow, old, new: new.is_finished() and seen.append(new.result[when].result) and None
    )
    state = flow.run()
    assert state.is_successful()
    assert clock.slept == [60, 120]
    assert [start for start, _ in seen] == times
    assert seen[0][1] == seen[1][1]
    assert log.lines("f") == [f"INFO Waiting for next scheduled run at {time.isoformat()}" for time in times]


def test_a_time_in_the_past_is_not_waited_for(clock: Any, log: Any):
    flow_of(one, schedule=FakeSchedule(Event(clock.now))).run()
    assert clock.slept == []
    assert log.lines("f") == []


def test_parameters_of_the_clock_win_over_explicit_ones(clock: Any):
    flow, p = parametrised()
    flow.schedule = FakeSchedule(Event(clock.now, {"p": "clock"}))
    assert flow.run(p="explicit").result[p].result == "clock"


def test_a_required_parameter_is_required_although_the_clock_knows_it(clock: Any):
    flow, _ = parametrised()
    flow.schedule = FakeSchedule(Event(clock.now, {"p": "clock"}))
    with pytest.raises(ValueError, match="required parameters: p"):
        flow.run()


def test_a_schedule_without_a_time_is_an_error():
    with pytest.raises(ValueError) as caught:
        flow_of(one, schedule=FakeSchedule()).run()
    assert str(caught.value) == "Flow has no more scheduled runs."


def test_each_scheduled_run_begins_afresh(clock: Any):
    calls = []
    flow = flow_of(
        task(lambda: calls.append(1), name="calls"), schedule=FakeSchedule(Event(clock.now), Event(clock.now))
    )
    flow.run()
    assert len(calls) == 2


def test_given_task_states_are_for_the_first_scheduled_run(clock: Any):
    calls = []
    call = task(lambda: calls.append(1), name="calls")
    flow = flow_of(call, schedule=FakeSchedule(Event(clock.now), Event(clock.now)))
    flow.run(task_states={call: Success()})
    assert len(calls) == 1


def test_a_scheduled_run_that_fails_does_not_stop_the_next(clock: Any):
    calls = []

    def fail_first() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise ValueError

    flow = flow_of(task(fail_first), schedule=FakeSchedule(Event(clock.now), Event(clock.now)))
    assert flow.run().is_successful()


def test_a_scheduled_flow_can_run_at_once(clock: Any):
    schedule = FakeSchedule(Event(clock.after(days=1), {"p": "clock"}))
    flow, p = parametrised()
    flow.schedule = schedule
    assert flow.run(p=1, run_on_schedule=False).result[p].result == 1
    assert clock.slept == []
    assert len(schedule.events) == 1


def test_the_configuration_may_say_that_flows_run_at_once(clock: Any, monkeypatch: Any):
    from prefect.configuration import Config, config
    from prefect.utilities.collections import merge_dicts

    changed = Config(merge_dicts(config, {"flows": {"run_on_schedule": False}}))
    monkeypatch.setattr("prefect.engine.flow_loop.config", changed)
    assert flow_of(one, schedule=FakeSchedule()).run().is_successful()


# ---- caches (§9.1) -------------------------------------------------------------------------------------------------


@pytest.fixture
def calls() -> list[Any]:
    return []


def cached(calls: list[Any], **kwargs: Any) -> Task:
    """A task that notes each call."""

    def run(x: Any = None) -> Any:
        calls.append(x)
        return x

    return task(run, name=kwargs.pop("name", "cached"), cache_for=datetime.timedelta(hours=1), **kwargs)


def test_a_cached_value_is_used_in_later_runs(calls: Any, clock: Any):
    flow = flow_of(cached(calls))
    (first,) = flow.run().result.values()
    (second,) = flow.run().result.values()
    assert type(first) is Cached
    assert second is first
    assert len(calls) == 1


def test_handlers_see_a_value_go_into_the_cache_and_come_out(calls: Any, clock: Any):
    seen = []
    flow = flow_of(cached(calls, state_handlers=[lambda task, old, new: seen.append((type(old), type(new)))]))
    flow.run()
    assert seen == [(Pending, Running), (Running, Success), (Success, Cached)]
    seen.clear()
    flow.run()
    assert seen == [(Pending, Cached)]


def test_a_cached_value_expires(calls: Any, clock: Any):
    flow = flow_of(cached(calls))
    flow.run()
    clock.sleep(3601)
    flow.run()
    assert len(calls) == 2
    assert len(context.caches["cached"]) == 1


def test_caches_are_shared_by_name(calls: Any):
    flow_of(cached(calls)).run()
    flow_of(cached(calls)).run()
    flow_of(cached(calls, name="another")).run()
    assert len(calls) == 2


def test_caches_are_shared_by_key(calls: Any):
    flow_of(cached(calls, name="a", cache_key="k")).run()
    flow_of(cached(calls, name="b", cache_key="k")).run()
    assert len(calls) == 1
    assert list(context.caches) == ["k"]


def test_children_are_cached_one_by_one(calls: Any):
    def run(numbers: list[int]) -> Any:
        with Flow("f") as flow:
            mapped = cached(calls, cache_validator=all_inputs).map(numbers)
        return flow.run().result[mapped]

    run([1, 2])
    state = run([2, 3, 1])
    assert state.result == [2, 3, 1]
    assert calls == [1, 2, 3]
    assert [type(child) for child in state.map_states] == [Cached, Cached, Cached]


def test_the_first_run_warns_as_well(calls: Any, log: Any):
    flow_of(cached(calls)).run()
    assert [line for line in log.lines() if line.startswith("WARNING")] == [
        "WARNING Task 'cached': Can't use cache because it is now invalid"
    ]


def test_a_value_without_an_expiration_is_not_kept(calls: Any):
    kept = cached(calls)
    flow_of(kept).run(task_states={kept: Cached(result=1, cached_result_expiration=None)})
    assert context.caches == {"cached": []}


def test_a_failed_run_keeps_what_was_cached_before(calls: Any):
    broken = task(
        lambda: 1 / 0, name="cached", cache_for=datetime.timedelta(hours=1), cache_validator=lambda *args: False
    )
    flow_of(cached(calls)).run()
    flow_of(broken).run()
    flow_of(cached(calls)).run()
    assert len(calls) == 1
