"""The short path through a task run and the full pipeline cannot be told apart (core.md §8; DESIGN §6).

Plain tasks take a short path when nobody but the task looks at their run. Hypothesis builds flows – chains, diamonds,
maps, reduces, failures, skips, signals, loops, retries, constants, tags – and runs each both ways.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import prefect
from prefect import Flow, Task, context, task
from prefect.engine import FlowRunner, TaskRunner, signals
from prefect.engine.observer import Observer
from prefect.engine.state import Failed, Mapped, State, Success
from prefect.executors import LocalDaskExecutor
from prefect.triggers import all_finished, any_failed, any_successful, not_all_skipped, some_failed

# ---- what a flow is made of ----------------------------------------------------------------------------------------

VALUES = st.sampled_from([None, 0, 1, "ab", [], [1], [1, 2, 3], [[1, 2], [3]], [[], 4], (5, 6), {"k": 1}, [None, "x"]])
OUTCOMES = st.one_of(
    st.tuples(st.just("return"), VALUES),
    st.tuples(st.just("inputs"), st.none()),
    st.tuples(st.just("first"), st.none()),
    st.tuples(st.sampled_from(["raise", "fail", "skip", "succeed", "succeed bare", "end", "end failed"]), VALUES),
    st.tuples(st.sampled_from(["loop", "retry once", "fail once", "picky"]), VALUES),
)
OPTIONS: list[dict[str, Any]] = [
    {},
    {},
    {},
    {},
    {"trigger": all_finished},
    {"trigger": any_failed},
    {"trigger": any_successful},
    {"trigger": not_all_skipped},
    {"trigger": some_failed(at_least=1)},
    {"skip_on_upstream_skip": False},
    {"trigger": all_finished, "skip_on_upstream_skip": False},
    {"max_retries": 1, "retry_delay": timedelta(0)},
]


@dataclass
class Node:
    """One task: what its run does, how it was made, and where its inputs come from."""

    outcome: tuple[str, Any]
    options: dict[str, Any]
    tags: list[str]
    constants: list[Any]
    #: (number of an earlier task, has a key, mapped, flattened)
    edges: list[tuple[int, bool, bool, bool]] = field(default_factory=list)


@st.composite
def flows(draw: st.DrawFn) -> list[Node]:
    nodes: list[Node] = []
    for number in range(draw(st.integers(1, 7))):
        earlier = draw(st.lists(st.integers(0, number - 1), max_size=3, unique=True)) if number else []
        nodes.append(
            Node(
                outcome=draw(OUTCOMES),
                options=draw(st.sampled_from(OPTIONS)),
                tags=draw(st.lists(st.sampled_from("cab"), max_size=2)),
                constants=draw(st.lists(VALUES, max_size=1)),
                edges=[
                    (
                        start,
                        draw(st.sampled_from([True, True, True, False])),
                        draw(st.booleans()),
                        draw(st.sampled_from([False, False, False, True])),
                    )
                    for start in earlier
                ],
            )
        )
    return nodes


def build(nodes: list[Node]) -> Flow:
    flow = Flow("f")
    made: list[Task] = []
    for number, node in enumerate(nodes):
        one = task(function_of(node), name=f"t{number}", tags=node.tags, **node.options)
        flow.add_task(one)
        if node.constants:
            one.bind(constant=node.constants[0], flow=flow)
        for place, (start, has_key, mapped, flattened) in enumerate(node.edges):
            key = f"x{place}" if has_key else None
            flow.add_edge(made[start], one, key=key, mapped=mapped, flattened=flattened)
        made.append(one)
    return flow


def function_of(node: Node) -> Any:
    kind, value = node.outcome

    def run(**given: Any) -> Any:
        inputs = dict(sorted(given.items()))  # in which order they are handed over is not said anywhere
        if kind == "inputs":
            return list(inputs.values())
        if kind == "first":
            return next(iter(inputs.values()), None)
        if kind == "loop" and prefect.context.get("task_loop_count", 1) < 3:
            raise signals.LOOP(result=[inputs, prefect.context.get("task_loop_result")])
        if kind == "retry once" and prefect.context.task_run_count == 1:
            raise signals.RETRY("once more")
        if kind == "fail once" and prefect.context.task_run_count == 1:
            raise ValueError("once")
        if kind == "picky" and not all(inputs.values()):
            raise signals.SKIP("nothing to do")
        if kind == "raise":
            raise ValueError(value, sorted(inputs))
        if kind == "fail":
            raise signals.FAIL("failed", result=value)
        if kind == "skip":
            raise signals.SKIP("skipped")
        if kind == "succeed":
            raise signals.SUCCESS("enough", result=value)
        if kind == "succeed bare":
            raise signals.SUCCESS("enough")
        if kind == "end":
            raise signals.ENDRUN(Success("ended", result=value))
        if kind == "end failed":
            raise signals.ENDRUN(Failed("ended", result=value))
        return value

    return run


# ---- what can be seen of a run -------------------------------------------------------------------------------------


class Idle(Observer):
    """An observer that does nothing, for whose sake every task goes through the full pipeline."""


class Lines(logging.Handler):
    """Keeps what is logged, with the traceback of the user's own code."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[tuple[str, str, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append((record.levelname, record.name, self.format(record)))


@contextmanager
def captured() -> Iterator[list[tuple[str, str, str]]]:
    logger, handler = logging.getLogger("prefect"), Lines()
    before = logger.handlers, logger.propagate
    logger.handlers, logger.propagate = [handler], False
    try:
        yield handler.lines
    finally:
        logger.handlers, logger.propagate = before


def facts(state: State) -> tuple[Any, ...]:
    """Whatever a flow author can see of a state."""
    found = (type(state).__name__, state.message, repr(state.result), state.context, type(state._result).__name__)
    return (*found, [facts(child) for child in state.map_states]) if isinstance(state, Mapped) else found


def seen_of(nodes: list[Node], **options: Any) -> tuple[Any, Any]:
    """Run the flow; return the states by task name, and the log lines."""
    flow = build(nodes)
    with context(caches={}), captured() as lines:
        state = flow.run(**options)
    tasks = state.result
    if isinstance(tasks, dict):
        tasks = {one.name: facts(found) for one, found in tasks.items()}
    else:
        tasks = repr(tasks)
    without_ids = [(level, name, re.sub(r"0x[0-9a-f]+", "0x", text)) for level, name, text in lines]
    return (type(state).__name__, state.message, tasks), without_ids


@settings(max_examples=150, deadline=None, derandomize=True)
@given(flows())
def test_both_paths_give_the_same_states_and_log_lines(nodes: list[Node]):
    states, lines = seen_of(nodes)
    full_states, full_lines = seen_of(nodes, observer=Idle())
    assert states == full_states
    assert lines == full_lines


@settings(max_examples=60, deadline=None, derandomize=True)
@given(flows())
def test_threads_give_the_same_states(nodes: list[Node]):
    states, _ = seen_of(nodes)
    other, _ = seen_of(nodes, executor=LocalDaskExecutor(scheduler="threads", num_workers=2))
    assert states == other


class Same(TaskRunner):
    """A class of one's own that changes nothing."""


class OfItsOwn(FlowRunner):
    def __init__(self, flow: Flow) -> None:
        super().__init__(flow, task_runner_cls=Same)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(flows())
def test_a_task_runner_class_that_changes_nothing_gives_the_same_states_and_log_lines(nodes: list[Node]):
    states, lines = seen_of(nodes)
    other_states, other_lines = seen_of(nodes, runner_cls=OfItsOwn)
    assert states == other_states
    assert lines == other_lines
