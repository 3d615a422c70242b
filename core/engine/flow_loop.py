"""``Flow.run``: passes over a flow until it is finished, for each time of its schedule.

Source: core.md §2.6 and §8.1.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from prefect.configuration import config
from prefect.context import Lazy
from prefect.context import context as prefect_context
from prefect.engine.defaults import default_class
from prefect.engine.plan import Plan, new_id
from prefect.engine.state import Mapped, Paused, Pending, Resume, Scheduled, now_utc
from prefect.engine.state_base import as_pendulum

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
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
    parameters = flow.parameters()
    known = {parameter.name for parameter in parameters}
    unexpected = [name for name in values if name not in known]
    if unexpected:
        raise ValueError(f"Flow.run received the following unexpected parameters: {', '.join(unexpected)}")
    missing = sorted(parameter.name for parameter in parameters if parameter.required and parameter.name not in values)
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
        self.schedule = flow.schedule if on_schedule else None
        self.runner_cls = runner_cls
        self.context: dict[str, Any] = dict(options.pop("context", None) or {})
        self.context.setdefault("flow_id", flow.name)
        for name in ("flow_run_id", "flow_run_name"):
            given = options.pop(name, None)
            self.context.setdefault(name, given or new_id())
        self.initial_state: State | None = options.pop("state", None)
        self.task_states: dict[Task, State] = dict(options.pop("task_states", None) or {})
        self.task_contexts: dict[Task, dict[str, Any]] = dict(options.pop("task_contexts", None) or {})
        self.options = options
        self.plan: Plan | None = None

    def run(self) -> State:
        if self.schedule is None:
            return self._run_once(self.initial_state, now_utc(), self.parameters)
        event = self._next_event()
        if event is None:
            raise ValueError("Flow has no more scheduled runs.")
        state = self._run_event(self.initial_state, event)
        while (event := self._next_event()) is not None:
            self.task_states = {}
            state = self._run_event(None, event)
        return state

    def _next_event(self) -> Any:
        """Return the next ``ClockEvent`` of the schedule, or None."""
        events = self.schedule.next(1, return_events=True) if self.schedule is not None else None
        return events[0] if events else None

    def _run_event(self, state: State | None, event: Any) -> State:
        self.context.pop("scheduled_start_time", None)
        # What the clock says wins over explicit parameters (core.md §8.1).
        return self._run_once(state, event.start_time, {**self.parameters, **(event.parameter_defaults or {})})

    def _run_once(self, state: State | None, start: datetime, parameters: dict[str, Any]) -> State:
        """Run the flow for one start time until it is finished."""
        if state is None:
            state = Scheduled(start_time=start, result={})
        elif not isinstance(state.result, dict):
            state.result = {}
        self.context.setdefault("scheduled_start_time", Lazy(partial(as_pendulum, start)))
        states: dict[Task, State] = {**state.result, **self.task_states}
        if isinstance(state, Scheduled):
            self._wait_until(state._start_time, "Waiting for next scheduled run at %s")
        while not state.is_finished():
            state = self._run_pass(state, states, parameters)
            if not isinstance(state.result, dict) or state.is_scheduled():
                break
            states = state.result
            self._ask_for_approval(states)
            if not state.is_finished():
                if self._is_stuck(states):
                    break
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
            context=self.context,
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
        for task, state in states.items():
            if isinstance(state, Paused):
                states[task] = _approved(state, task.name)
            elif isinstance(state, Mapped):
                # 1.x forgot the children and spun (core.md §23, 25).
                for index, child in enumerate(state.map_states):
                    if isinstance(child, Paused):
                        state.map_states[index] = _approved(child, f"{task.name}[{index}]")

    def _is_stuck(self, states: dict[Task, State]) -> bool:
        """Return, and log, that no unfinished task will ever begin; 1.x tried again for ever."""
        parts = {task: [one for one in _parts(state) if not one.is_finished()] for task, state in states.items()}
        unfinished = {task: found for task, found in parts.items() if found}
        for task, found in unfinished.items():
            if any(one.is_pending() for one in found) and self.flow.upstream_tasks(task).isdisjoint(unfinished):
                return False
        self.flow.logger.error(
            "The flow run stops here, since none of its unfinished tasks can begin: %s. Give other states to begin with.",
            ", ".join(f"{task.name!r} is {type(found[0]).__name__}" for task, found in unfinished.items()),
        )
        return True

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
        if isinstance(state.result, Exception):
            self.flow.logger.error("Unexpected error occured in FlowRunner: %r", state.result)
            return state
        found = state.result if isinstance(state.result, dict) else states
        if len(found) < len(self.flow.tasks):
            found = {task: found.get(task) or Pending(message="Task not run.") for task in self.flow.slugs}
        state.result = found
        self._update_caches(state.result)
        return state

    def _update_caches(self, states: dict[Task, State]) -> None:
        caching = self.plan.caching if self.plan else [task for task in states if task.cache_for is not None]
        caches: dict[str, list[State]] = prefect_context.caches
        for task in caching:
            key = task.cache_key or task.name
            kept = [*caches.get(key, ()), *(one for one in _parts(states[task]) if one.is_cached())]
            caches[key] = [one for one in dict.fromkeys(kept) if _still_valid(one)]


def _still_valid(state: Any) -> bool:
    expiration = state._cached_result_expiration
    return expiration is not None and expiration > now_utc()


def _approved(state: Paused, name: str) -> State:
    answer = input(f"<Task: {name}> is currently Paused; enter 'y' to resume:\n")
    return Resume("Approval given to resume.") if answer.strip().lower() == "y" else state


def _parts(state: State) -> Iterable[State]:
    """Return the children of a mapped state, or just the state."""
    return state.map_states if isinstance(state, Mapped) else (state,)


def _start_times(states: dict[Task, State]) -> Iterator[datetime]:
    for state in states.values():
        for one in _parts(state):
            if isinstance(one, Scheduled) and one._start_time is not None:
                yield one._start_time
