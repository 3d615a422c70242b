"""Triggers of one's own: returning, raising signals, breaking."""

from prefect import Flow, task
from prefect.engine import signals


@task
def good():
    return 1


@task
def bad():
    raise ValueError("bad")


def only_if_one(upstream_states):
    return all(state.result == 1 for state in upstream_states.values())


def by_key(upstream_states):
    return {edge.key: state.is_successful() for edge, state in upstream_states.items()} == {"x": True}


def refuse(upstream_states):
    return False


def signal_fail(upstream_states):
    raise signals.FAIL("not today")


def signal_skip(upstream_states):
    raise signals.SKIP("skipped by the trigger")


def signal_success(upstream_states):
    raise signals.SUCCESS("decided by the trigger", result="early")


def broken(upstream_states):
    raise KeyError("broken trigger")


def using(trigger):
    return task(lambda x: x, name=trigger.__name__, trigger=trigger)


with Flow("custom") as flow:
    one = good()
    for trigger in [only_if_one, by_key, refuse, signal_fail, signal_skip, signal_success, broken]:
        using(trigger)(one)

with Flow("after custom") as after:
    passed = using(signal_success)(good())
    last = using(only_if_one)(passed)
    skipped = using(by_key)(using(signal_skip)(passed))

with Flow("retries do not apply") as retried:
    import datetime

    t = task(lambda x: x, name="retried", trigger=broken, max_retries=2, retry_delay=datetime.timedelta(seconds=0))(
        good()
    )

CASES = {
    "custom": {"flow": flow, "observe": True},
    "after custom": {"flow": after},
    "no retry for triggers": {"flow": retried, "observe": True},
}
