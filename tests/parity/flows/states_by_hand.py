"""States as values: flow files compare, print and test them."""

import pendulum

from prefect.engine import signals, state as states
from prefect.engine.state import Cached, Failed, Looped, Mapped, Paused, Pending, Queued, Retrying, Running, Scheduled
from prefect.engine.state import Skipped, State, Submitted, Success, TimedOut, TriggerFailed

EXAMPLES = [
    Pending(),
    Scheduled(),
    Paused(),
    states.Resume(),
    Retrying(),
    Queued(),
    Submitted(),
    states.ClientFailed(),
    Running(),
    states.Cancelling(),
    states.Finished(),
    Looped(),
    Success(),
    Cached(),
    Mapped(),
    Skipped(),
    states.Cancelled(),
    Failed(),
    TimedOut(),
    TriggerFailed(),
    states.ValidationFailed(),
]
PREDICATES = [
    "is_pending",
    "is_scheduled",
    "is_retrying",
    "is_queued",
    "is_submitted",
    "is_cached",
    "is_mapped",
    "is_skipped",
    "is_looped",
    "is_meta_state",
    "is_running",
    "is_finished",
    "is_successful",
    "is_failed",
]
TIME = pendulum.datetime(2020, 1, 1)


def predicates():
    return {type(s).__name__: [name[3:] for name in PREDICATES if getattr(s, name)()] for s in EXAMPLES}


def equality():
    return [
        Success("a") == Success("b"),
        Success(result=1) == Success(result=1),
        Success(result=1) == Success(result=2),
        Success() == Skipped(),
        Scheduled(start_time=TIME) == Scheduled(start_time=TIME),
        Scheduled(start_time=TIME) == Scheduled(start_time=TIME.add(days=1)),
        Retrying(start_time=TIME, run_count=1) == Retrying(start_time=TIME, run_count=2),
        Failed(context={"a": 1}) == Failed(),
    ]


def extras():
    return [
        Retrying().run_count,
        Looped().loop_count,
        Mapped(map_states=[Success(), Failed()]).n_map_states,
        Cached().cached_result_expiration,
        Paused().start_time,
        Queued(state=Submitted(state=Success("deep"))).state,
        Success(result=5).result,
        Failed(message=ValueError("x")).message,
        Success(context={"k": 1}).context,
    ]


def signal_states():
    made = {}
    for name in ("FAIL", "TRIGGERFAIL", "VALIDATIONFAIL", "SUCCESS", "SKIP", "RETRY", "PAUSE", "LOOP"):
        signal = getattr(signals, name)("message")
        made[name] = repr(signal), str(signal), repr(signal.state), repr(signal.state.result)
    return made


CASES = {
    "reprs": {"call": lambda: [repr(s) for s in EXAMPLES] + [repr(Success("done")), str(Failed("why"))]},
    "predicates": {"call": predicates},
    "equality": {"call": equality},
    "extras": {"call": extras},
    "colours": {"call": lambda: {type(s).__name__: s.color for s in EXAMPLES}},
    "signals": {"call": signal_states},
    "children": {"call": lambda: sorted(State.children(names_only=True))},
    "parents": {"call": lambda: [sorted(s.parents(names_only=True)) for s in (TriggerFailed, Retrying, Cached)]},
    "signal of a state": {
        "call": lambda: [signals.signal_from_state(s).__name__ for s in (Failed(), Skipped(), Looped())]
    },
    "no signal of a state": {"call": lambda: signals.signal_from_state(states.Cancelled())},
}
