"""``Flow.run``: passes over a flow until it is finished, for each time of its schedule.

Source: core.md §2.6 and §8.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.configuration import config
from prefect.context import context as prefect_context
from prefect.engine.defaults import default_class
from prefect.engine.plan import Plan, new_id
from prefect.engine.state import Mapped, Paused, Pending, Resume, Scheduled, now_utc

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from prefect.engine.state import State
    from prefect.flow import Flow
    from prefect.task import Task

_BLOCK_MESSAGE = (
    "`flow.{method}()` was called for the flow {name!r} inside its own `with Flow(...)` block."
    " Call it after the block, when the flow is complete."
)


def run_flow(
    flow: Flow,
    parameters: dict[str, Any] | None,
    run_on_schedule: bool | None,
    runner_cls: type | None,
    options: dict[str, Any],
) -> State | None:
    """Check the arguments of ``Flow.run`` and run the flow; see there."""
    if prefect_context.get("flow") is flow:
        raise RuntimeError(_BLOCK_MESSAGE.format(method="run", name=flow.name))
    if prefect_context.get("loading_flow"):
        import warnings

        warnings.warn(
            "Attempting to call `flow.run` during execution of flow file will lead to unexpected results.",
            UserWarning,
            stacklevel=3,
        )
        return None
    if "return_tasks" in options:
        raise ValueError(
            "flow.run() returns the states of all tasks, so it takes no `return_tasks`."
            " Use a FlowRunner to get some of them."
        )
    values = {**(parameters or {}), **_taken_parameters(flow, options)}
    check_parameters(flow, values)
    if runner_cls is None:
        runner_cls = default_class("flow_runner")
    prefect_context.setdefault("caches", {})
    if run_on_schedule is None:
        run_on_schedule = bool(config.flows.run_on_schedule)
    return _FlowLoop(flow, values, run_on_schedule, runner_cls, options).run()


def check_parameters(flow: Flow, values: dict[str, Any]) -> None:
    """Check the names of parameter values.

    Raises:
        ValueError: The flow has no parameter of a name, or a required one is missing.
    """
    known = {parameter.name for parameter in flow.parameters()}
    unexpected = [name for name in values if name not in known]
    if unexpected:
        raise ValueError(f"Flow.run received the following unexpected parameters: {', '.join(unexpected)}")
    missing = sorted(
        parameter.name for parameter in flow.parameters() if parameter.required and parameter.name not in values
    )
    if missing:
        raise ValueError(f"Flow.run did not receive the following required parameters: {', '.join(missing)}")


def _taken_parameters(flow: Flow, options: dict[str, Any]) -> dict[str, Any]:
    """Take the parameters given by name out of the options of ``Flow.run``."""
    names = {parameter.name for parameter in flow.parameters()} & options.keys() if options else ()
    return {name: options.pop(name) for name in names}


class _FlowLoop:
    """All that one call of ``Flow.run`` goes through."""

    def __init__(
        self, flow: Flow, parameters: dict[str, Any], on_schedule: bool, runner_cls: type, options: dict[str, Any]
    ) -> None:
        self.flow = flow
        self.parameters = parameters
        self.on_schedule = on_schedule and flow.schedule is not None
        self.runner_cls = runner_cls
        self.context: dict[str, Any] = dict(options.pop("context", None) or {})
        for name in ("flow_run_id", "flow_run_name"):
            given = options.pop(name, None)
            self.context.setdefault(name, given or new_id())
        self.initial_state: State | None = options.pop("state", None)
        self.task_states: dict[Task, State] = dict(options.pop("task_states", None) or {})
        self.task_contexts: dict[Task, dict[str, Any]] = dict(options.pop("task_contexts", None) or {})
        self.options = options
        self.plan: Plan | None = None

    def run(self) -> State:
        start, defaults = self._next_start(required=True)
        state = self.initial_state or Scheduled(start_time=start, result={})
        while True:
            state = self._run_once(state, {**self.parameters, **defaults})
            if not self.on_schedule:
                return state
            start, defaults = self._next_start(required=False)
            if start is None:
                return state
            state, self.task_states = Scheduled(start_time=start, result={}), {}

    def _next_start(self, required: bool) -> tuple[datetime | None, dict[str, Any]]:
        """Return the next time and its parameter defaults, which win over explicit parameters (core.md §8.1)."""
        if not self.on_schedule:
            return now_utc(), {}
        events = self.flow.schedule.next(1, return_events=True)
        if events:
            return events[0].start_time, dict(events[0].parameter_defaults or {})
        if required:
            raise ValueError("Flow has no more scheduled runs.")
        return None, {}

    def _run_once(self, state: State, parameters: dict[str, Any]) -> State:
        """Run the flow for one start time until it is finished."""
        if not isinstance(state.result, dict):
            state.result = {}
        states: dict[Task, State] = {**state.result, **self.task_states}
        if isinstance(state, Scheduled):
            self.context["scheduled_start_time"] = state.start_time if self.on_schedule else None
            self._wait_until(state._start_time, "Waiting for next scheduled run at %s")
        while not state.is_finished():
            state = self._run_pass(state, states, parameters)
            if not isinstance(state.result, dict) or state.is_scheduled():
                break
            states = state.result
            self._ask_for_approval(states)
            if not state.is_finished():
                self._wait_until(min(_start_times(states), default=None), "Waiting for next available Task run at %s")
        return self._completed(state, states)

    def _run_pass(self, state: State, states: dict[Task, State], parameters: dict[str, Any]) -> State:
        runner = self.runner_cls(flow=self.flow)
        if hasattr(runner, "plan"):
            self.plan = runner.plan = self._compiled()
        new_state: State = runner.run(
            state=state,
            task_states=states,
            return_tasks=self.flow.tasks,
            parameters=parameters,
            context={key: value for key, value in self.context.items() if value is not None},
            task_contexts=self.task_contexts,
            **self.options,
        )
        return new_state

    def _compiled(self) -> Plan | None:
        """Return the plan, compiled once; a flow that cannot be compiled fails in its runner, which reports it."""
        if self.plan is None:
            try:
                self.plan = Plan(self.flow)
            except ValueError:
                return None
        return self.plan

    def _ask_for_approval(self, states: dict[Task, State]) -> None:
        for task, task_state in states.items():
            if isinstance(task_state, Paused):
                answer = input(f"{task!r} is currently Paused; enter 'y' to resume:\n")
                if answer.strip().lower() == "y":
                    states[task] = Resume("Approval given to resume.")

    def _wait_until(self, moment: datetime | None, message: str) -> None:
        if moment is None:
            return
        seconds = (moment - now_utc()).total_seconds()
        if seconds > 0:
            import time

            self.flow.logger.info(message, moment.isoformat())
            time.sleep(seconds)

    def _completed(self, state: State, states: dict[Task, State]) -> State:
        """Fill in the tasks that were never reached and keep what tasks put into their caches."""
        if isinstance(state.result, BaseException):
            self.flow.logger.error("Unexpected error occured in FlowRunner: %r", state.result)
            return state
        found = state.result if isinstance(state.result, dict) else states
        state.result = {task: found.get(task) or Pending(message="Task not run.") for task in self.flow.tasks}
        self._update_caches(state.result)
        return state

    def _update_caches(self, states: dict[Task, State]) -> None:
        caching = [task for task in states if task.cache_for is not None]
        caches: dict[str, list[State]] = prefect_context.caches
        for task in caching:
            key = task.cache_key or task.name
            found = states[task]
            new = [found, *(found.map_states if isinstance(found, Mapped) else ())]
            kept = [*caches.get(key, ()), *(one for one in new if one.is_cached())]
            caches[key] = [one for one in dict.fromkeys(kept) if _still_valid(one)]


def _still_valid(state: Any) -> bool:
    expiration = state._cached_result_expiration
    return expiration is not None and expiration > now_utc()


def _start_times(states: dict[Task, State]) -> Iterator[datetime]:
    for state in states.values():
        for one in state.map_states if isinstance(state, Mapped) else (state,):
            if isinstance(one, Scheduled) and one._start_time is not None:
                yield one._start_time
