"""Flow state handlers: they watch, replace, raise."""

from prefect import Flow, task
from prefect.engine import signals
from prefect.engine.state import Failed, Success

SEEN = []


@task
def good():
    return 1


@task
def bad():
    raise ValueError("bad")


def watch(flow, old, new):
    SEEN.append(f"{flow.name}: {old!r} -> {new!r}")


def replace_end(flow, old, new):
    if new.is_finished():
        return Failed("replaced", result=new.result)
    return None


def forgive(flow, old, new):
    if new.is_failed():
        return Success("forgiven", result=new.result)
    return None


def break_at_start(flow, old, new):
    if new.is_running():
        raise KeyError("at the start")


def break_at_end(flow, old, new):
    if new.is_finished():
        raise KeyError("at the end")


def bare_state(flow, old, new):
    if new.is_finished():
        return Failed("without task states")
    return None


def bare_signal(flow, old, new):
    if new.is_finished():
        raise signals.FAIL("a signal without task states")


def flow_with(name, body, *handlers):
    with Flow(name, state_handlers=list(handlers)) as flow:
        body()
    return flow


CASES = {
    "watching a success": {"flow": flow_with("success", good, watch)},
    "watching a failure": {"flow": flow_with("failure", bad, watch)},
    "replaced": {"flow": flow_with("replaced", good, replace_end, watch)},
    "forgiven": {"flow": flow_with("forgiven", bad, forgive, watch)},
    "broken at the start": {"flow": flow_with("broken start", good, break_at_start)},
    "broken at the end": {"flow": flow_with("broken end", good, break_at_end)},
    "state without task states": {"flow": flow_with("bare state", good, bare_state)},
    "signal without task states": {"flow": flow_with("bare signal", good, bare_signal)},
    "two runs": {"flow": flow_with("twice", good, watch), "runs": 2},
}
