"""One pass over the tasks of a flow.

Source: core.md §8.2.4 and §8.6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.engine.mapping import child_inputs, flattened, is_all_there_is, is_settled, warn_of_odd_children
from prefect.engine.plan import new_id
from prefect.engine.restored import is_to_be_read, with_value
from prefect.engine.state import Mapped, Pending, Success
from prefect.engine.unit import Unit, run_unit

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from prefect.edge import Edge
    from prefect.engine.mapping import Inputs
    from prefect.engine.plan import Plan, Step
    from prefect.engine.settings import RunSettings
    from prefect.engine.state import State
    from prefect.task import Task

_NO_VALUE: Any = object()


class FlowPass:
    """The states of all tasks during one pass.

    Args:
        plan: The compiled flow.
        settings: What the tasks of the pass have in common.
        given: Task → state to begin with; finished ones are kept.
        task_contexts: Task → values for ``prefect.context``.
        asked: Places of the tasks whose values the caller wants; by default all.

    Attributes:
        states: State of each task so far, by its place in the plan.
        values: Value of each task that succeeded without being skipped, children included; ``_NO_VALUE`` for others.
    """

    def __init__(
        self,
        plan: Plan,
        settings: RunSettings,
        given: Mapping[Task, State],
        task_contexts: Mapping[Task, dict[str, Any]],
        asked: Collection[int] | None = None,
    ) -> None:
        self.asked = range(len(plan.steps)) if asked is None else asked
        self.plan = plan
        self.settings = settings
        self.given = given
        self.task_contexts = task_contexts
        # On the short path values are handed on as they are, so none of them may have to be read first.
        self.takes_short_path = settings.takes_short_path and not any(map(is_to_be_read, given.values()))
        self.states: list[State] = [None] * len(plan.steps)  # type: ignore[list-item]
        self.values: list[Any] = [_NO_VALUE] * len(plan.steps)

    def run(self) -> None:
        """Run the tasks one after another in this thread."""
        for step in self.plan.steps:
            state = self.kept_state(step)
            if state is None:
                state = self._run_mapped(step) if step.is_mapped else run_unit(self.unit(step), self.settings)
            self.record(step, state)

    def kept_state(self, step: Step) -> State | None:
        """Return the state of a task that does not have to run, or None."""
        if step.is_constant:
            return Success.of(None, step.task.value, None)  # type: ignore[attr-defined, no-any-return]
        given = self.given.get(step.task)
        if given is None or step.always_runs:
            return None
        if isinstance(given, Mapped):
            return given if self._keeps_children(step, given) else None
        return given if is_settled(given) else None

    def _keeps_children(self, step: Step, given: Mapped) -> bool:
        """Return whether the children of a mapped task are kept: all are done, and what they were made of is gone."""
        inputs = [(edge, self.states[place]) for edge, place in zip(step.edges, step.places)]
        return all(
            not edge.mapped or state is self.given.get(edge.upstream_task) or self.plan.steps[place].is_constant
            for (edge, state), place in zip(inputs, step.places)
        ) and is_all_there_is(given, inputs)

    def record(self, step: Step, state: State) -> None:
        """Take note of the state of a task, its children included."""
        self.states[step.index] = state
        if isinstance(state, Mapped):
            succeeded = all(type(child) is Success for child in state.map_states)
        else:
            succeeded = type(state) is Success or state.is_cached()
        # A state from a cache that the observer knows of may have a value that is still to be read.
        if succeeded and not (self.settings.observer is not None and is_to_be_read(state)):
            self.values[step.index] = state.result

    def places_with_values(self) -> set[int]:
        """Return the places of the tasks whose values are needed after this pass: by the caller, or by the next pass."""
        places = set(self.asked)
        for step, state in zip(self.plan.steps, self.states):
            parts = state.map_states if isinstance(state, Mapped) else (state,)
            if not all(part.is_finished() for part in parts):
                places.update((step.index, *step.places))
        return places

    def unit(self, step: Step) -> Unit:
        """Return the run of a task that is not mapped and whose upstream tasks are done."""
        values, task = self.values, step.task
        given = self.given.get(task)
        extra = self.task_context(task, None)
        if (
            step.plain
            and self.takes_short_path
            and (given is None or _is_new(given))
            and all([values[place] is not _NO_VALUE for place in step.places])  # noqa: C419 - a list is faster
        ):
            arguments = {
                edge.key: values[place] for edge, place in zip(step.edges, step.places) if edge.key is not None
            }
            arguments.update(step.constants)
            return Unit(step, None, None, extra, arguments, (), given)
        inputs, odd = flattened(self.inputs(step))
        warn_of_odd_children(odd)
        return Unit(step, None, None, extra, None, inputs, self._initial(step, given))

    def task_context(self, task: Task, map_index: int | None) -> dict[str, Any] | None:
        """Return the values for ``prefect.context`` in one task run, the observer's and those given."""
        given = self.task_contexts.get(task) if self.task_contexts else None
        if self.settings.observer is None:
            return given
        begun = self.settings.observer.task_run_begins(task, map_index)
        return {**(begun or {}), **given} if given else dict(begun or {})

    def inputs(self, step: Step) -> Inputs:
        """Return where the values of a task come from, with the states there."""
        inputs = [(edge, self.states[place]) for edge, place in zip(step.edges, step.places)]
        if self.settings.observer is None:
            return inputs
        # What an earlier process left is known by its location only.
        flow_result = self.settings.flow_result
        given = self.given.get(step.task)
        followers = given.map_states if isinstance(given, Mapped) else ()
        return [
            (edge, with_value(state, edge.upstream_task.result or flow_result, followers if _is_followed(edge) else ()))
            for edge, state in inputs
        ]

    def _initial(self, step: Step, given: State | None) -> State | None:
        """Return the state in which a task begins; one that always runs forgets that it was finished."""
        if step.always_runs and given is not None and given.is_finished() and not given.is_cached():
            return Pending()
        return given

    def _run_mapped(self, step: Step) -> State:
        mapped = MappedRun(self, step)
        for index in range(mapped.number):
            mapped.children[index] = run_unit(mapped.unit(index), self.settings)
        return mapped.finish()


def _is_followed(edge: Edge) -> bool:
    """Return whether each child at the end of an edge needs one element of what is at its beginning."""
    return edge.mapped and not edge.flattened


def _is_new(state: State) -> bool:
    """Return whether a run that begins in this state has nothing to remember."""
    return type(state) is Pending and not state.context and not state.cached_inputs


class MappedRun:
    """A mapped task: its parent state, and the inputs and states of its children.

    Attributes:
        state: State of the parent.
        number: Number of children; 0 if the parent could not be mapped.
        children: States of the children so far.
    """

    def __init__(self, flow_pass: FlowPass, step: Step) -> None:
        self.step = step
        self.settings = flow_pass.settings
        given = flow_pass.given.get(step.task)
        self.given: list[State] = list(given.map_states) if isinstance(given, Mapped) else []
        self.task_context = flow_pass.task_context
        self.may_take_short_path = flow_pass.takes_short_path
        self.task_run_id = new_id()
        self.inputs, odd = flattened(flow_pass.inputs(step))
        parent = Unit(step, None, self.task_run_id, self.task_context(step.task, None), None, self.inputs, given)
        self.state = run_unit(parent, self.settings, is_mapped_parent=True)
        warn_of_odd_children(odd)
        self.number = self.state.n_map_states if isinstance(self.state, Mapped) else 0
        self.children: list[State] = [None] * self.number  # type: ignore[list-item]
        if isinstance(self.state, Mapped):
            # Tasks mapped over this one may begin with the first children while others are still to run.
            self.state.map_states = self.children
        self._sort_sources(flow_pass.values)

    def _sort_sources(self, values: list[Any]) -> None:
        """Find out which values every child gets and which it takes from a sequence, for the short path."""
        self.shared: dict[str, Any] = dict(self.step.constants)
        self.sequences: list[tuple[str | None, Any]] = []
        self.parents: list[tuple[str | None, list[State]]] = []
        self.takes_short_path = self.may_take_short_path and self.step.plain and not self.given
        for (edge, state), place in zip(self.inputs, self.step.places) if self.takes_short_path else ():
            if edge.mapped and isinstance(state, Mapped):
                self.parents.append((edge.key, state.map_states))
                continue
            value = values[place]
            if value is _NO_VALUE:
                self.takes_short_path = False
            elif edge.mapped:
                self.sequences.append((edge.key, value))
            elif edge.key is not None:
                self.shared[edge.key] = value

    def unit(self, index: int) -> Unit:
        """Return the run of one child whose own upstream children are done."""
        extra = self.task_context(self.step.task, index)
        if self.takes_short_path and all([type(states[index]) is Success for _, states in self.parents]):  # noqa: C419
            arguments = self.shared.copy()
            for key, sequence in self.sequences:
                if key is not None:
                    arguments[key] = sequence[index]
            for key, states in self.parents:
                if key is not None:
                    arguments[key] = states[index].result
            return Unit(self.step, index, self.task_run_id, extra, arguments, (), None)
        given = self.given[index] if index < len(self.given) else None
        return Unit(self.step, index, self.task_run_id, extra, None, child_inputs(self.inputs, index), given)

    def finish(self) -> State:
        """Hand the children's states and values to the parent's state, and return that."""
        if isinstance(self.state, Mapped):
            self.state.result = [child.result for child in self.children]
        return self.state
