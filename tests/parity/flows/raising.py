"""`raise_on_exception`, and what leaves `flow.run` without it."""

import sys
import time
from datetime import timedelta

from prefect import Flow, task
from prefect.engine import signals
from prefect.utilities.debug import raise_on_exception


@task
def fails():
    raise ValueError("failure")


@task(max_retries=1, retry_delay=timedelta(seconds=0))
def would_retry():
    raise ValueError("no retry")


@task
def signals_failure():
    raise signals.FAIL("a signal")


@task
def skips():
    raise signals.SKIP("a skip")


@task(timeout=1)
def slow():
    time.sleep(30)


@task
def after(x):
    return x


def broken_handler(obj, old, new):
    raise KeyError("handler")


def broken_trigger(upstream_states):
    raise KeyError("trigger")


@task(state_handlers=[broken_handler])
def handled():
    return 1


@task(trigger=broken_trigger)
def triggered():
    return 1


@task
def exits():
    sys.exit(3)


@task
def interrupted():
    raise KeyboardInterrupt


def flow_of(body, **options):
    with Flow(body.name, **options) as flow:
        after(body())
    return flow


def raising(flow):
    def run():
        with raise_on_exception():
            return flow, flow.run()

    return {"call": run}


CASES = {
    "task": raising(flow_of(fails)),
    "retrying task": raising(flow_of(would_retry)),
    "signal": raising(flow_of(signals_failure)),
    "skip": raising(flow_of(skips)),
    "timeout": raising(flow_of(slow)),
    "task handler": raising(flow_of(handled)),
    "trigger": raising(flow_of(triggered)),
    "flow handler": raising(flow_of(skips, state_handlers=[broken_handler])),
    "sys.exit": {"flow": flow_of(exits)},
    "keyboard interrupt": {"flow": flow_of(interrupted)},
}
