"""`terminal_state_handler`: the last word about a run."""

from datetime import timedelta

import prefect
from prefect import Flow, task
from prefect.engine.state import Cancelled, Failed, Success

SEEN = []


@task
def good():
    return 1


@task
def bad():
    raise ValueError("bad")


@task(max_retries=1, retry_delay=timedelta(seconds=0))
def flaky():
    if prefect.context.task_run_count == 1:
        raise ValueError("first")


def watch(flow, state, reference_states):
    SEEN.append(f"{state!r} with {sorted(map(repr, reference_states))}")


def forgive(flow, state, reference_states):
    if state.is_failed():
        return Success("forgiven", result=state.result)
    return None


def count_failures(flow, state, reference_states):
    failed = [name for name, found in sorted((t.name, s) for t, s in state.result.items()) if found.is_failed()]
    state.message = f"failed: {failed}"


def cancel(flow, state, reference_states):
    return Cancelled("cancelled", result=state.result)


def broken(flow, state, reference_states):
    raise KeyError("broken")


def also(flow, old, new):
    SEEN.append(f"handler {type(old).__name__} -> {new!r}")


def flow_with(handler, *bodies):
    with Flow(handler.__name__, terminal_state_handler=handler, state_handlers=[also]) as flow:
        for body in bodies:
            body()
    return flow


CASES = {
    "watching": {"flow": flow_with(watch, good, bad)},
    "watching retries": {"flow": flow_with(watch, flaky)},
    "forgive": {"flow": flow_with(forgive, bad)},
    "message": {"flow": flow_with(count_failures, good, bad)},
    "cancel": {"flow": flow_with(cancel, good)},
    "broken": {"flow": flow_with(broken, good)},
}

assert Failed().is_failed()
