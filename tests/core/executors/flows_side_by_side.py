"""Flows that every way to run tasks side by side has to run as one thread does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import prefect
from prefect import Flow, flatten, task, unmapped
from prefect.engine import signals
from prefect.engine.state import State
from prefect.triggers import all_finished


@task
def add(x: int, y: int = 1) -> int:
    return x + y


@task
def odd_only(n: int) -> int:
    if n % 2 == 0:
        raise signals.SKIP(f"{n} is even")
    if n == 5:
        raise ValueError(n)
    return n


@task(trigger=all_finished, skip_on_upstream_skip=False)
def names(values: list[Any]) -> list[str]:
    return [type(value).__name__ for value in values]


def branching_flow() -> Flow:
    with Flow("branching") as flow:
        kept = odd_only.map(list(range(8)))
        more = add.map(kept, y=unmapped(10))
        names(kept)
        names(more)
        add.map(flatten([[1, 2], [3]]))
        add.map([])
        add.map(add(None))
    return flow


def summary(flow: Flow, state: State) -> dict[str, Any]:
    """Return all that a state tells of the tasks of a flow."""

    def one(found: State) -> Any:
        children = [one(child) for child in found.map_states] if found.is_mapped() else None  # type: ignore[attr-defined]
        return type(found).__name__, found.message, repr(found.result), found.context, children

    return {flow.slugs[each]: one(found) for each, found in state.result.items()}


def retries_loops_and_context(run: Callable[..., State]) -> tuple[Any, Any, Any]:
    """Run a flow with ``custom="yes"`` in its context; return what retries, a loop, and a look at the context gave."""

    @task(max_retries=2, retry_delay=timedelta(0))
    def third_time(n: int) -> tuple[int, int]:
        if prefect.context.task_run_count < 3:
            raise ValueError("again")
        return n, prefect.context.task_run_count

    @task
    def count_down(n: int) -> int:
        left = prefect.context.get("task_loop_result", n)
        if left:
            raise signals.LOOP(result=left - 1)
        return int(prefect.context.task_loop_count)

    @task
    def known() -> tuple[Any, ...]:
        return prefect.context.custom, prefect.context.flow_name, prefect.context.parameters

    with Flow("pipeline") as flow:
        found = third_time.map([7, 8]), count_down(3), known()
    state = run(flow, context={"custom": "yes"})
    retried, looped, facts = (state.result[each].result for each in found)
    return retried, looped, facts


#: What that gives, however the tasks are run.
AS_IN_ONE_THREAD = ([(7, 3), (8, 3)], 4, ("yes", "pipeline", {}))


def leaving_flow() -> Flow:
    """Return a flow in which a task calls ``sys.exit(7)``."""

    @task
    def leave() -> None:
        raise SystemExit(7)

    with Flow("leaving") as flow:
        leave()
        add(1)
    return flow
