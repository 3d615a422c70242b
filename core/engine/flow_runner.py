"""``FlowRunner``: one pass over a flow, from its state to the next.

Source: core.md §8.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.context import context as prefect_context
from prefect.context import pop, push
from prefect.engine.defaults import default_class, own_task_runner_class
from prefect.engine.flow_run import FlowPass
from prefect.engine.plan import Plan, set_aside
from prefect.engine.run_context import run_layer
from prefect.engine.runner import ENDRUN, Runner, answered, call_state_handlers
from prefect.engine.settings import RunSettings
from prefect.engine.state import Failed, Mapped, Running, Scheduled, Success, initial, now_utc
from prefect.utilities.logging import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from prefect.engine.observer import Observer
    from prefect.engine.state import State
    from prefect.executors import Executor
    from prefect.flow import Flow
    from prefect.task import Task


class FlowRunner(Runner):
    """Runs one pass over a flow.

    Args:
        flow: The flow.
        task_runner_cls: Class that runs each task; by default config ``engine.task_runner.default_class``.
        state_handlers: Called as ``handler(flow_runner, old_state, new_state)``, after those of the flow.
    """

    def __init__(
        self,
        flow: Flow,
        task_runner_cls: type | None = None,
        state_handlers: Iterable[Callable[..., Any]] | None = None,
    ) -> None:
        self.flow = flow
        self.task_runner_cls = task_runner_cls
        self.state_handlers = list(state_handlers or ())
        self.logger = get_logger("FlowRunner")
        self.title = f"Flow '{flow.name}'"
        self.observer: Observer | None = None
        self.plan: Plan | None = None
        #: The tasks whose values are wanted, where that are fewer than those whose states are.
        self.valued_tasks: Collection[Task] | None = None

    def __repr__(self) -> str:
        return f"<FlowRunner: {self.flow.name}>"

    def run(
        self,
        state: State | None = None,
        task_states: Mapping[Task, State] | None = None,
        return_tasks: Collection[Task] | None = None,
        parameters: dict[str, Any] | None = None,
        task_runner_state_handlers: Iterable[Callable[..., Any]] | None = None,
        executor: Executor | None = None,
        context: dict[str, Any] | None = None,
        task_contexts: Mapping[Task, dict[str, Any]] | None = None,
        observer: Observer | None = None,
    ) -> State:
        """Run every task that can run now and return the state of the flow.

        Args:
            state: State of the flow to begin with; ``Pending`` by default.
            task_states: Task → state to begin with; finished ones are kept.
            return_tasks: Tasks whose states are put into the result; none by default.
            parameters: Parameter name → value.
            task_runner_state_handlers: State handlers for every task.
            executor: How tasks are run; by default the flow's, else the configured one.
            context: Values for ``prefect.context``.
            task_contexts: Task → values for ``prefect.context`` in that task.
            observer: Told of every change of state.
        """
        self.logger.info("Beginning Flow run for '%s'", self.flow.name)
        executor = executor or self.flow.executor or default_class("executor")()
        self.logger.debug("Using executor type %s", type(executor).__name__)
        self.observer = observer
        state = initial(state)
        with prefect_context(context or {}):
            token = push(run_layer(self.flow, parameters))
            self.raises = bool(prefect_context.get("raise_on_exception"))
            try:
                state = self._check_pending_or_running(state)
                state = self._check_start_time(state)
                state = self._set_running(state)
                return self._run_tasks(
                    state,
                    task_states or {},
                    return_tasks or (),
                    task_runner_state_handlers,
                    executor,
                    task_contexts or {},
                )
            except ENDRUN as end:
                return end.state
            except Exception as exc:
                self.log_exception(exc, f"Unexpected error while running flow: {exc!r}")
                raise
            finally:
                pop(token)

    def call_runner_target_handlers(self, old_state: State, new_state: State) -> State:
        """Tell the flow's handlers, the runner's and then the observer (core.md §8.2.6)."""
        for handler in self.flow.state_handlers:
            new_state = answered(handler(self.flow, old_state, new_state), new_state)
        for handler in self.state_handlers:
            new_state = answered(handler(self, old_state, new_state), new_state)
        if self.observer is not None:
            new_state = answered(self.observer.flow_state_changed(self.flow, old_state, new_state), new_state)
        return new_state

    @call_state_handlers
    def _check_pending_or_running(self, state: State) -> State:
        if state.is_finished():
            self.logger.info("Flow run has already finished.")
            raise ENDRUN(state)
        if not (state.is_pending() or state.is_running()):
            self.logger.info("Flow is not ready to run.")
            raise ENDRUN(state)
        return state

    @call_state_handlers
    def _check_start_time(self, state: State) -> State:
        if isinstance(state, Scheduled) and state._start_time is not None and state._start_time > now_utc():
            self.logger.debug("%s: start_time has not been reached; ending run.", self.title)
            raise ENDRUN(state)
        return state

    @call_state_handlers
    def _set_running(self, state: State) -> State:
        return state if state.is_running() else Running(message="Running flow.")

    @call_state_handlers
    def _run_tasks(
        self,
        state: State,
        task_states: Mapping[Task, State],
        return_tasks: Collection[Task],
        handlers: Iterable[Callable[..., Any]] | None,
        executor: Executor,
        task_contexts: Mapping[Task, dict[str, Any]],
    ) -> State:
        if not state.is_running():
            self.logger.info("Flow is not in a Running state.")
            raise ENDRUN(state)
        foreign = set() if return_tasks is self.flow.tasks else set(return_tasks) - self.flow.tasks
        if foreign:
            raise ValueError(
                f"The flow {self.flow.name!r} has no tasks {foreign}. Ask for the states of its own tasks."
            )
        plan = self.plan or Plan(self.flow)
        task_runner_cls = own_task_runner_class(self.task_runner_cls)
        settings = RunSettings(self.flow.result, handlers, self.observer, task_runner_cls=task_runner_cls)
        flow_pass = FlowPass(plan, settings, task_states, task_contexts, self._asked(plan, return_tasks))
        with set_aside(plan):
            executor.run_tasks(flow_pass)
        if return_tasks is self.flow.tasks:
            # In the order of the plan, which is that of their memory: a set's own order costs a large flow a cache miss a task.
            states = {step.task: found for step, found in zip(plan.steps, flow_pass.states)}
        else:
            states = {task: flow_pass.states[plan.places[task]] for task in return_tasks}
        return self._final_state(state, flow_pass, states)

    def _asked(self, plan: Plan, return_tasks: Collection[Task]) -> Collection[int]:
        """Return the places of the tasks whose values are wanted after the pass."""
        tasks = return_tasks if self.valued_tasks is None else self.valued_tasks
        places = {plan.places[task] for task in tasks}
        if self.flow.terminal_state_handler is not None or self.flow.state_handlers or self.state_handlers:
            places.update(plan.reference)  # handlers look at what the flow came to
        return places

    def _final_state(self, state: State, flow_pass: FlowPass, states: dict[Task, State]) -> State:
        plan = flow_pass.plan
        references = _without_parents(flow_pass, plan.reference)
        if not all(terminal.is_finished() for terminal in _without_parents(flow_pass, plan.terminal)):
            self.logger.info("Flow run RUNNING: terminal tasks are incomplete.")
            state.result = states
        elif any(reference.is_failed() for reference in references):
            self.logger.info("Flow run FAILED: some reference tasks failed.")
            state = Failed(message="Some reference tasks failed.", result=states)
        elif all(reference.is_successful() for reference in references):
            self.logger.info("Flow run SUCCESS: all reference tasks succeeded")
            state = Success(message="All reference tasks succeeded.", result=states)
        else:
            self.logger.info("Flow run SUCCESS: no reference tasks failed")
            state = Success(message="No reference tasks failed.", result=states)
        handler = self.flow.terminal_state_handler
        if handler is not None:
            state = answered(handler(self.flow, state, set(references)), state)
        return state


def _without_parents(flow_pass: FlowPass, places: Iterable[int]) -> list[State]:
    found: list[State] = []
    for place in places:
        state = flow_pass.states[place]
        found.extend(state.map_states if isinstance(state, Mapped) else (state,))
    return found
