"""A flow with a schedule, run now and run on it."""

import pendulum

from prefect import Flow, Parameter, task
from prefect.engine.state import Scheduled
from prefect.schedules import Schedule
from prefect.schedules.clocks import DatesClock


@task
def show(x):
    return x


SOON = pendulum.now("UTC").add(seconds=1)
PAST = pendulum.datetime(2020, 1, 1)


def build(name, *dates, **defaults):
    with Flow(name, schedule=Schedule(clocks=[DatesClock(list(dates), parameter_defaults=defaults or None)])) as flow:
        show(Parameter("x", default=0))
    return flow


CASES = {
    "not on schedule": {"flow": build("now", SOON, x=5), "run": {"run_on_schedule": False}},
    "configured not to": {"flow": build("configured", SOON), "env": {"PREFECT__FLOWS__RUN_ON_SCHEDULE": "false"}},
    "on schedule": {"flow": build("on schedule", SOON, x=5), "parameters": {"x": 1}},
    "nothing left": {"flow": build("past", PAST)},
    "state of its own": {
        "flow": build("late start", SOON),
        "run": {"run_on_schedule": False, "state": Scheduled("given", start_time=SOON)},
    },
}
