"""One task run, step by step (core.md §8.3, §8.4)."""

from __future__ import annotations

import datetime
import pickle
from typing import Any

import pendulum
import pytest

import prefect
from prefect import Task, task
from prefect.edge import Edge
from prefect.engine import TaskRunner, signals
from prefect.engine.result import Result, ResultNotImplementedError
from prefect.engine.results import ConstantResult, LocalResult
from prefect.engine.state import (
    Cached,
    Cancelled,
    Failed,
    Looped,
    Mapped,
    Paused,
    Pending,
    Queued,
    Resume,
    Retrying,
    Running,
    Scheduled,
    Skipped,
    State,
    Submitted,
    Success,
    TimedOut,
    TriggerFailed,
    ValidationFailed,
)
from prefect.exceptions import TaskTimeoutSignal
from prefect.triggers import all_finished

LATER, EARLIER = pendulum.datetime(2999, 1, 1), pendulum.datetime(2020, 1, 1)
SKIPPED = (
    "Upstream task was skipped; if this was not the intended behavior, consider changing"
    " `skip_on_upstream_skip=False` for this task."
)


class Fixed(Task):
    """Returns or raises what it was given."""

    def __init__(self, outcome: Any = "ran", **kwargs: Any) -> None:
        self.outcome = outcome
        super().__init__(**kwargs)

    def run(self, **inputs: Any) -> Any:
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        return self.outcome(**inputs) if callable(self.outcome) else self.outcome


def run(
    outcome: Any = "ran", state: State | None = None, upstream: Any = None, context: Any = None, **kwargs: Any
) -> State:
    """Run a task called t whose run has this outcome."""
    return TaskRunner(Fixed(outcome, name="t", **kwargs)).run(state, upstream, context)


def after(*states: State, outcome: Any = "ran", mapped: bool = False, **kwargs: Any) -> State:
    """Run a task behind tasks that are in these states."""
    end = Fixed(outcome, name="t", **kwargs)
    edges = {Edge(Task(), end, key=f"x{i}", mapped=mapped): state for i, state in enumerate(states)}
    return TaskRunner(end).run(upstream_states=edges)


# ---- ready? (step 2 and 3) -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (Success("s"), "Task is already finished."),
        (Failed("f"), "Task is already finished."),
        (Cancelled("c"), "Task is already finished."),
        (Skipped("s"), "Task is already finished."),
        (Looped("l"), "Task is already finished."),
        (Running("r"), "task is already running."),
        (State("weird"), 'Task is not ready to run or state was unrecognized (<State: "weird">).'),
        (Scheduled(start_time=LATER), "start_time has not been reached; ending run."),
        (Retrying(start_time=LATER), "start_time has not been reached; ending run."),
        (Paused("p", start_time=LATER), "start_time has not been reached; ending run."),
    ],
    ids=repr,
)
def test_a_task_that_is_not_to_run_keeps_its_state(state: State, reason: str, debug_log: Any):
    assert run(state=state) is state
    assert debug_log.lines() == [
        "INFO Task 't': Starting task run...",
        f"DEBUG Task 't': {reason}",
        f"INFO Task 't': Finished task run for task with final state: '{type(state).__name__}'",
    ]


def test_a_paused_task_without_a_start_time_stays_paused(debug_log: Any):
    state = Paused("p")
    assert run(state=state) is state
    assert debug_log.lines()[1] == "DEBUG Task 't' is scheduled without a known start_time; ending run."


@pytest.mark.parametrize(
    "state",
    [None, Pending(), Scheduled(), Retrying(), Resume(), Paused(start_time=EARLIER), Cached(result=1)],
    ids=repr,
)
def test_a_task_that_is_to_run_runs(state: State | None):
    found = run(state=state)
    assert (type(found), found.message, found.result) == (Success, "Task run succeeded.", "ran")


@pytest.mark.parametrize(
    ("meta", "expected"),
    [(Submitted(state=Pending()), Success), (Queued(state=Running()), Running), (Queued(), Success)],
    ids=["pending", "running", "nothing"],
)
def test_a_meta_state_is_unwrapped(meta: State, expected: Any):
    assert type(run(state=meta)) is expected


def test_a_mapped_state_goes_on_to_its_children(debug_log: Any):
    run(state=Mapped())
    assert (
        "DEBUG Task 't': task is already mapped, but run will proceed so children are generated." in debug_log.lines()
    )


@pytest.mark.parametrize(
    ("state", "count"),
    [
        (None, 1),
        (Retrying(run_count=4), 5),
        (Pending(context={"task_run_count": 3}), 3),
        (Scheduled(), 1),
    ],
    ids=repr,
)
def test_the_run_count_goes_on_from_the_state(state: State | None, count: int):
    assert run(lambda: prefect.context.task_run_count, state).result == count


@pytest.mark.parametrize(
    ("state", "resumed"),
    [(Resume(), True), (Paused(start_time=EARLIER), True), (Pending(), None), (Scheduled(), None)],
    ids=repr,
)
def test_a_resumed_task_knows_it(state: State, resumed: Any):
    assert run(lambda: prefect.context.get("resume"), state).result is resumed


# ---- upstream (steps 4 to 6) ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "unfinished", [Pending(), Running(), Retrying(start_time=LATER), Paused(), Submitted()], ids=repr
)
def test_a_task_waits_for_unfinished_upstream_tasks(unfinished: State, debug_log: Any):
    assert type(after(Success(), unfinished)) is Pending
    assert "DEBUG Task 't': Not all upstream states are finished; ending run." in debug_log.lines()


def test_a_task_waits_for_unfinished_upstream_children():
    assert type(after(Mapped(map_states=[Success(), Pending()]))) is Pending


def test_a_skipped_upstream_task_skips_the_task(debug_log: Any):
    state = after(Success(), Skipped())
    assert (type(state), state.message, state.result) == (Skipped, SKIPPED, None)
    assert "DEBUG Task 't': Upstream states were skipped; ending run." in debug_log.lines()


def test_a_skipped_upstream_task_comes_before_the_trigger():
    assert type(after(Skipped(), trigger=lambda upstream: 1 / 0)) is Skipped
    assert type(after(Skipped(), trigger=all_finished)) is Skipped


def test_a_skipped_upstream_child_skips_the_task():
    assert type(after(Mapped(map_states=[Success(), Skipped()]))) is Skipped


def test_a_task_can_run_after_a_skipped_one():
    assert after(Skipped(), skip_on_upstream_skip=False).is_successful()


def test_inputs_are_the_values_of_upstream_tasks():
    state = after(Success(result=1), Mapped(map_states=[Success(result=2), Success(result=3)]), outcome=lambda **x: x)
    assert state.result == {"x0": 1, "x1": [2, 3]}


def test_an_edge_without_a_key_hands_nothing_on():
    end = Fixed(lambda **inputs: inputs)
    assert TaskRunner(end).run(upstream_states={Edge(Task(), end): Success(result=1)}).result == {}


@pytest.mark.parametrize(
    ("skip", "value"), [(Skipped(SKIPPED), None), (signals.SKIP("s").state, "SKIP('s')")], ids=["by", "itself"]
)
def test_a_skipped_task_hands_on_its_result(skip: State, value: Any):
    state = after(skip, skip_on_upstream_skip=False, outcome=lambda x0: x0 and repr(x0))
    assert state.result == value


# ---- trigger (step 10) ---------------------------------------------------------------------------------------------


def test_a_failed_upstream_task_fails_the_trigger(debug_log: Any):
    state = after(Failed())
    assert type(state) is TriggerFailed
    assert state.message == 'Trigger was "all_successful" but some of the upstream tasks failed.'
    assert repr(state.result) == f"TRIGGERFAIL('{state.message}')"
    assert debug_log.lines()[1:3] == [
        "DEBUG Task 't': TRIGGERFAIL signal raised during execution.",
        "DEBUG Task 't': Handling state change from Pending to TriggerFailed",
    ]


def test_a_trigger_that_says_no_fails(log: Any):
    state = run(trigger=lambda upstream: False)
    assert (type(state), state.message) == (TriggerFailed, "Trigger failed")


def test_a_trigger_gets_edges_and_states():
    seen = []
    end, start, state = Fixed(trigger=lambda upstream: seen.append(upstream) or True), Task(), Success()
    TaskRunner(end).run(upstream_states={Edge(start, end, key="x"): state})
    ((edge, found),) = seen[0].items()
    assert (edge.upstream_task, edge.key, found) == (start, "x", state)


@pytest.mark.parametrize(
    ("signal", "cls"),
    [(signals.SKIP, Skipped), (signals.SUCCESS, Success), (signals.PAUSE, Paused), (signals.FAIL, Failed)],
)
def test_a_signal_of_a_trigger_is_the_state(signal: Any, cls: Any, log: Any):
    def trigger(upstream: Any) -> bool:
        raise signal("says the trigger")

    state = run(trigger=trigger)
    assert (type(state), state.message) == (cls, "says the trigger")
    assert log.lines()[1:-1] == []


def test_an_exception_in_a_trigger_is_a_failed_trigger(log: Any):
    state = run(trigger=lambda upstream: 1 / 0)
    assert type(state) is TriggerFailed
    assert state.message == "Unexpected error while checking task trigger: ZeroDivisionError('division by zero')"
    assert isinstance(state.result, ZeroDivisionError)
    assert log.lines()[1:-1] == [
        "ERROR Task 't': Unexpected error while evaluating task trigger: ZeroDivisionError('division by zero')"
    ]


def test_a_failed_trigger_is_not_retried():
    state = run(trigger=lambda upstream: False, max_retries=3, retry_delay=datetime.timedelta(0))
    assert type(state) is TriggerFailed


# ---- running (step 12) ---------------------------------------------------------------------------------------------


def test_a_value_is_a_success(debug_log: Any):
    state = run(5)
    assert (type(state), state.message, state.result, state.context) == (
        Success,
        "Task run succeeded.",
        5,
        {"tags": []},
    )
    assert debug_log.lines() == [
        "INFO Task 't': Starting task run...",
        "DEBUG Task 't': Handling state change from Pending to Running",
        "DEBUG Task 't': Calling task.run() method...",
        "DEBUG Task 't': Handling state change from Running to Success",
        "INFO Task 't': Finished task run for task with final state: 'Success'",
    ]


@pytest.mark.parametrize("value", [Failed("no"), ValueError("no"), signals.FAIL("no")], ids=repr)
def test_a_returned_state_or_exception_is_an_ordinary_value(value: Any):
    state = run(lambda: value)
    assert type(state) is Success
    assert state.result is value


def test_an_exception_is_a_failure(log: Any):
    error = ValueError("boom")
    state = run(error)
    assert (type(state), state.message) == (Failed, "Error during execution of task: ValueError('boom')")
    assert state.result is error
    assert log.lines() == [
        "INFO Task 't': Starting task run...",
        "ERROR Task 't': Exception encountered during task execution!",
        "INFO Task 't': Finished task run for task with final state: 'Failed'",
    ]


def test_the_name_of_a_task_in_error_lines_is_quoted_as_python_would(log: Any):
    TaskRunner(Fixed(ValueError(), name="ok['a']")).run()
    assert log.lines() == [
        "INFO Task 'ok['a']': Starting task run...",
        """ERROR Task "ok['a']": Exception encountered during task execution!""",
        "INFO Task 'ok['a']': Finished task run for task with final state: 'Failed'",
    ]


@pytest.mark.parametrize(
    ("signal", "cls"),
    [
        (signals.FAIL("m"), Failed),
        (signals.TRIGGERFAIL("m"), TriggerFailed),
        (signals.VALIDATIONFAIL("m"), ValidationFailed),
        (signals.SKIP("m"), Skipped),
        (signals.RETRY("m"), Retrying),
        (signals.PAUSE("m"), Paused),
    ],
)
def test_a_signal_is_its_state_and_is_logged(signal: Any, cls: Any, log: Any):
    state = run(signal)
    assert (type(state), state.message) == (cls, "m")
    assert state.result is signal
    assert log.lines()[1:-1] == [f"INFO {type(signal).__name__} signal raised: {signal!r}"]


def test_success_is_a_success_with_its_message_and_is_not_logged(log: Any):
    state = run(signals.SUCCESS("enough", result=5))
    assert (type(state), state.message, state.result) == (Success, "enough", 5)
    assert log.lines()[1:-1] == []


def test_success_without_a_result_hands_on_the_signal():
    signal = signals.SUCCESS("enough")
    assert run(signal).result is signal


def test_endrun_is_its_state_final_and_not_logged(log: Any):
    final = Failed("ended")
    state = run(signals.ENDRUN(final), max_retries=2, retry_delay=datetime.timedelta(0))
    assert state is final
    assert log.lines()[1:-1] == []


def test_endrun_is_not_cached():
    state = run(signals.ENDRUN(Success("ended")), cache_for=datetime.timedelta(days=1))
    assert type(state) is Success


def test_handlers_see_where_endrun_leads():
    seen = []
    handler = lambda task, old, new: seen.append((type(old), type(new)))  # noqa: E731
    run(signals.ENDRUN(Failed("ended")), state_handlers=[handler])
    assert seen == [(Pending, Running), (Running, Failed)]


def test_a_timeout_is_a_timed_out_failure(log: Any):
    import threading

    state = run(lambda: threading.Event().wait(30), timeout=1)
    assert (type(state), state.message) == (TimedOut, "Task timed out during execution.")
    assert isinstance(state.result, TaskTimeoutSignal)
    assert log.lines()[1:-1] == []


def test_what_is_neither_signal_nor_exception_leaves_the_run():
    with pytest.raises(SystemExit):
        run(SystemExit(3))


def test_state_names_tags_in_order():
    assert run(tags=["b", "a"]).context == {"tags": ["a", "b"]}


# ---- the name of the run (step 8) ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["{task_name}-{x}", lambda **names: f"{names['task_name']}-{names['x']}"], ids=["text", "callable"]
)
def test_a_task_run_has_a_name_while_it_runs(name: Any):
    @task(task_run_name=name, name="t")
    def named(x):
        return prefect.context.task_run_name

    state = TaskRunner(named).run(upstream_states={Edge(Task(), named, key="x"): Success(result=5)})
    assert state.result == "t-5"


def test_a_name_that_cannot_be_made_fails_the_task(log: Any):
    state = run(task_run_name="{nope}", max_retries=2, retry_delay=datetime.timedelta(0))
    message = f"Task 't': Unexpected error while running task: {state.result!r}"
    assert (type(state), state.message, state.context) == (Failed, message, {})
    assert repr(state.result) == NOT_THERE.format("task_run_name '{nope}'")
    assert log.lines()[1:-1] == [f"ERROR {message}"]


def test_parameters_context_and_inputs_fill_templates_the_latter_winning():
    @task(task_run_name="{a}{b}{c}")
    def named(c):
        return prefect.context.task_run_name

    state = TaskRunner(named).run(
        upstream_states={Edge(Task(), named, key="c"): Success(result=3)},
        context={"parameters": {"a": 1, "b": 1, "c": 1}, "b": 2, "c": 2},
    )
    assert state.result == "123"


# ---- storing (§9.3) ------------------------------------------------------------------------------------------------

STORING = {"checkpointing": True}
#: The error for a name that a template asks for.
NOT_THERE = (
    "KeyError(\"The {} asks for 'nope', which is not there."
    ' Use a parameter of the flow, an input of the task or a name of prefect.context.")'
)


@pytest.fixture
def result(tmp_path: Any) -> LocalResult:
    return LocalResult(dir=str(tmp_path), location="{task_name}.bin")


def test_a_value_is_stored_when_checkpointing(result: LocalResult, tmp_path: Any):
    state = run([1], context=STORING, result=result)
    assert state._result.location == str(tmp_path / "t.bin")
    assert result.read("t.bin").value == [1]


def test_a_result_of_the_users_own_is_given_all_names_when_it_stores_a_value():
    class Named(Result):
        def write(self, value_: Any, **kwargs: Any) -> Result:
            return Result(value_, location="{task_name} of {day}".format(**kwargs))

    state = run(7, context={**STORING, "day": "monday"}, result=Named())

    assert state._result.location == "t of monday"


@pytest.mark.parametrize(
    ("value", "context", "checkpoint"),
    [([1], {}, None), ([1], {}, True), ([1], STORING, False), (None, STORING, None)],
    ids=["off", "checkpoint alone", "not this task", "None"],
)
def test_a_value_is_not_stored(value: Any, context: Any, checkpoint: Any, result: LocalResult, tmp_path: Any):
    state = run(value, context=context, checkpoint=checkpoint, result=result)
    assert (state.result, state._result.location) == (value, None)
    assert list(tmp_path.iterdir()) == []


def test_the_result_of_the_flow_is_used_when_the_task_has_none(result: LocalResult, tmp_path: Any):
    TaskRunner(Fixed(name="t"), flow_result=result).run(context=STORING)
    assert [path.name for path in tmp_path.iterdir()] == ["t.bin"]


def test_the_result_of_the_task_wins_over_that_of_the_flow(result: LocalResult, tmp_path: Any):
    own = LocalResult(dir=str(tmp_path), location="own.bin")
    TaskRunner(Fixed(name="t", result=own), flow_result=result).run(context=STORING)
    assert [path.name for path in tmp_path.iterdir()] == ["own.bin"]


def test_a_plain_result_keeps_values_in_memory():
    state = run([1], context=STORING)
    assert (type(state), state.result, type(state._result), state._result.location) == (Success, [1], Result, None)


def test_a_value_that_cannot_be_stored_is_a_failure_that_is_retried(log: Any):
    state = run([1], context=STORING, result=ConstantResult(), max_retries=1, retry_delay=datetime.timedelta(0))
    assert type(state) is Retrying
    (line,) = log.lines()[1:-1]
    assert line.startswith("ERROR Unexpected error: ValueError(")


def test_the_value_of_success_is_stored(result: LocalResult):
    run(signals.SUCCESS("m", result=[1]), context=STORING, result=result)
    assert result.read("t.bin").value == [1]


def test_the_values_of_other_signals_are_not_stored(result: LocalResult, tmp_path: Any):
    run(signals.FAIL("m", result=[1]), context=STORING, result=result)
    assert list(tmp_path.iterdir()) == []


# ---- targets (step 9, §9.4) ----------------------------------------------------------------------------------------


def targeted(target: Any, tmp_path: Any, outcome: Any = "ran", context: Any = None, **kwargs: Any) -> State:
    return run(outcome, context=context, target=target, result=LocalResult(dir=str(tmp_path)), **kwargs)


@pytest.mark.parametrize(
    "target", ["{task_name}.bin", lambda **names: f"{names['task_name']}.bin"], ids=["text", "callable"]
)
def test_the_value_at_an_existing_target_is_used(target: Any, tmp_path: Any, debug_log: Any):
    assert targeted(target, tmp_path, [1], STORING).result == [1]
    debug_log.clear()
    state = targeted(target, tmp_path, [2])
    assert (type(state), state.message, state.result) == (Cached, "Result found at task target t.bin", [1])
    assert (state._result.location, state.cached_result_expiration) == ("t.bin", None)
    assert "DEBUG Task 't': Can't set state to Running because it isn't Pending; ending run." in debug_log.lines()


def test_a_missing_target_does_not_come_into_being_without_checkpointing(tmp_path: Any):
    assert type(targeted("t.bin", tmp_path)) is Success
    assert list(tmp_path.iterdir()) == []


def test_a_target_needs_a_result_that_can_look_for_it(log: Any):
    state = run(target="t.bin", max_retries=2, retry_delay=datetime.timedelta(0))
    assert type(state) is Failed
    assert isinstance(state.result, ResultNotImplementedError)
    assert log.lines()[1].startswith("ERROR Unexpected error: ResultNotImplementedError(")


def test_a_target_with_an_unknown_name_fails_the_task(tmp_path: Any, log: Any):
    state = targeted("{nope}.bin", tmp_path)
    message = "Unexpected error: " + NOT_THERE.format("target '{nope}.bin'")
    assert (type(state), state.message) == (Failed, message)
    assert log.lines()[1:-1] == [f"ERROR {message}"]


def test_a_location_with_an_unknown_name_fails_the_task(tmp_path: Any):
    state = run(1, context=STORING, result=LocalResult(dir=str(tmp_path), location="{nope}"))
    assert (type(state), repr(state.result)) == (Failed, NOT_THERE.format("location '{nope}'"))


@pytest.mark.parametrize("value", [None, 5])
def test_a_function_given_as_target_has_to_return_text(value: Any, tmp_path: Any):
    state = targeted(lambda **names: value, tmp_path)
    assert repr(state.result) == (f"TypeError('The function given as target returned {value}. Let it return text.')")


def test_an_empty_target_is_none(tmp_path: Any):
    states = [targeted("", tmp_path, [1], STORING) for _ in range(2)]
    assert [type(state) for state in states] == [Success, Success]
    assert all("prefect-result" in state._result.location for state in states)


def test_an_unreadable_target_fails_the_task_without_a_retry(tmp_path: Any, log: Any):
    (tmp_path / "t.bin").write_bytes(b"no pickle")
    state = targeted("t.bin", tmp_path, max_retries=2, retry_delay=datetime.timedelta(0))
    assert (type(state), type(state.result)) == (Failed, pickle.UnpicklingError)
    assert log.lines()[1] == (
        "ERROR Task 't': What is at its target 't.bin' cannot be read. Delete it to have it made anew."
    )


def test_a_target_comes_before_cache_for(tmp_path: Any, log: Any):
    targeted("t.bin", tmp_path, [1], STORING)
    state = targeted("t.bin", tmp_path, [2], cache_for=datetime.timedelta(days=1))
    assert state.message == "Result found at task target t.bin"
    assert not [line for line in log.lines() if line.startswith("WARNING")]


def test_a_trigger_can_fail_although_the_target_exists(tmp_path: Any):
    targeted("t.bin", tmp_path, [1], STORING)
    assert type(targeted("t.bin", tmp_path, trigger=lambda upstream: False)) is TriggerFailed


@pytest.mark.parametrize("name", ["location", "self"])
def test_an_input_may_have_any_name(name: str, tmp_path: Any):
    end = Fixed(lambda **inputs: [1], target="{task_name}.bin", name="t", result=LocalResult(dir=str(tmp_path)))
    edges = {Edge(Task(), end, key=name): Success(result="v")}
    if name == "self":
        end.run = lambda: [1]  # type: ignore[method-assign]
        edges = {Edge(Task(), end): Success()}
    for expected in (Success, Cached):
        state = TaskRunner(end).run(upstream_states=edges, context=STORING)
        assert type(state) is expected, state


def test_an_input_called_location_can_be_part_of_the_target(tmp_path: Any):
    end = Fixed(lambda location: [1], target="{location}.bin", result=LocalResult(dir=str(tmp_path)))
    edges = {Edge(Task(), end, key="location"): Success(result="paris")}
    TaskRunner(end).run(upstream_states=edges, context=STORING)
    assert type(TaskRunner(end).run(upstream_states=edges)) is Cached
    assert [path.name for path in tmp_path.iterdir()] == ["paris.bin"]


@pytest.mark.parametrize("name", ["place", "location"])
def test_braces_in_a_location_that_is_made_from_an_input_are_kept(name: str, tmp_path: Any):
    """1.x took what a callable returned for a template when it looked for the file, and not when it wrote it."""
    targets: Any = ["{" + name + "}.bin", lambda **names: f"{names[name]}.bin"]
    for target in targets:
        end = Fixed(lambda **names: [1], target=target, result=LocalResult(dir=str(tmp_path)))
        edges = {Edge(Task(), end, key=name): Success(result="{task_name}")}
        TaskRunner(end).run(upstream_states=edges, context=STORING)
        state = TaskRunner(end).run(upstream_states=edges)
        assert (type(state), state._result.location) == (Cached, "{task_name}.bin")


# ---- templates (§9.5) ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{flow_name}/{task_name}/{map_index}", "f/t/None"),
        ("{date:%A}", "Friday"),
        ("{today_nodash}-{p}-{x}", "20240517-parameter-input"),
        ("{parameters[p]}", "parameter"),
        ("{task_run_count:03d}", "001"),
        ("{config.flows.checkpointing}", "False"),
    ],
)
def test_a_template_may_name_context_parameters_and_inputs(template: str, text: str):
    with prefect.Flow("f") as flow:
        p = prefect.Parameter("p", default="parameter")
        named = Fixed(lambda x: prefect.context.task_run_name, name="t", task_run_name=template)
        flow.add_task(p)
        named.bind(x="input")
    context = {"date": "2024-05-17"}
    assert flow.run(context=context).result[named].result == text


def test_a_location_separates_children(tmp_path: Any):
    with prefect.Flow(
        "f", result=LocalResult(dir=str(tmp_path), location="{flow_name}/{task_name}/{map_index}")
    ) as flow:
        Fixed(lambda x: [x], name="t").map(x=[1, 2])
    flow.run(context=STORING)
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()) == [
        "f/t/0",
        "f/t/1",
    ]


def test_without_a_location_each_task_has_one_of_its_own(tmp_path: Any):
    flow = prefect.Flow("f", tasks=[Fixed([1]), Fixed([2])], result=LocalResult(dir=str(tmp_path)))
    state = flow.run(context=STORING)
    assert len({one._result.location for one in state.result.values()}) == 2


# ---- captured output (§18.4) ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"timeout": 60}], ids=["plain", "with a timeout"])
def test_what_a_task_prints_is_logged_if_asked_for(options: Any, log: Any, capsys: Any):
    capsys.readouterr()
    run(lambda: print("two", "words"), log_stdout=True, **options)
    assert log.lines("TaskRunner")[1:-1] == ["INFO two words"]


def test_what_a_task_prints_is_printed_otherwise(log: Any, capsys: Any):
    run(lambda: print("two", "words"))
    assert "two words\n" in capsys.readouterr().out
    assert log.lines("TaskRunner")[1:-1] == []


# ---- cached states (step 9, §9.1) ----------------------------------------------------------------------------------


def test_a_successful_run_is_cached_when_asked_for(clock: Any, log: Any):
    parameters = {"p": 1}
    state = after(Success(result=[2]), outcome=lambda x0: x0, cache_for=datetime.timedelta(hours=1))
    assert (type(state), state.message, state.result) == (Cached, "Task run succeeded.", [2])
    assert state.cached_result_expiration == clock.after(hours=1)
    assert list(state.hashed_inputs) == ["x0"]
    assert log.lines()[1:-1] == ["WARNING Task 't': Can't use cache because it is now invalid"]
    assert (
        run(cache_for=datetime.timedelta(hours=1), context={"parameters": parameters}).cached_parameters == parameters
    )


@pytest.mark.parametrize("outcome", [ValueError(), signals.SKIP("s"), signals.FAIL("f")], ids=repr)
def test_only_a_success_is_cached(outcome: Any):
    assert not run(outcome, cache_for=datetime.timedelta(hours=1)).is_cached()


def test_a_given_cached_state_is_used_if_its_validator_agrees():
    from prefect.engine.cache_validators import duration_only

    given = Cached(result=1)
    assert run(state=given, cache_validator=duration_only, cache_for=datetime.timedelta(hours=1)) is given


def test_a_given_cached_state_is_forgotten_if_its_validator_does_not(debug_log: Any):
    assert type(run(state=Cached(result=1))) is Success
    changes = [line for line in debug_log.lines() if "Handling" in line]
    assert changes == [
        "DEBUG Task 't': Handling state change from Cached to Pending",
        "DEBUG Task 't': Handling state change from Pending to Running",
        "DEBUG Task 't': Handling state change from Running to Success",
    ]


def test_a_trigger_can_fail_although_a_value_is_cached():
    from prefect.engine.cache_validators import duration_only

    state = TaskRunner(
        Fixed(trigger=lambda upstream: False, cache_validator=duration_only, cache_for=datetime.timedelta(hours=1))
    ).run(Cached(result=1))
    assert type(state) is TriggerFailed


def test_a_validator_that_raises_fails_the_task(log: Any):
    def validator(state: Any, inputs: Any, parameters: Any) -> bool:
        raise ValueError("cv")

    state = run(state=Cached(result=1), cache_validator=validator, cache_for=datetime.timedelta(hours=1))
    assert (type(state), state.message) == (Failed, "Unexpected error: ValueError('cv')")


# ---- the runner itself ---------------------------------------------------------------------------------------------


def test_a_task_runner_shows_its_task():
    assert repr(TaskRunner(Task("load"))) == "<TaskRunner: load>"


def test_a_mapped_parent_only_says_over_how_many_it_maps():
    end = Fixed(name="t")
    state = TaskRunner(end).run(
        upstream_states={Edge(Task(), end, key="x", mapped=True): Success(result=[1, 2])}, is_mapped_parent=True
    )
    assert (type(state), state.message, state.n_map_states) == (Mapped, "Ready to proceed with mapping.", 2)


def test_a_mapped_child_is_named_by_its_index(log: Any):
    state = run(lambda: (prefect.context.map_index, prefect.context.task_full_name), context={"map_index": 3})
    assert state.result == (3, "t[3]")
    assert log.lines()[0] == "INFO Task 't[3]': Starting task run..."
