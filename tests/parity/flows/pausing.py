"""Pausing: `manual_only`, `pause_task`, `PAUSE`; answered at the prompt or resumed with a state."""

from datetime import timedelta

import pendulum

import prefect
from prefect import Flow, Task, task
from prefect.engine import signals
from prefect.engine.state import Paused, Resume
from prefect.triggers import manual_only
from prefect.utilities.tasks import pause_task


@task
def prepare():
    return "prepared"


@task(trigger=manual_only)
def approve(x=None):
    return x, prefect.context.get("resume")


@task
def asks():
    pause_task("please look at it")
    return "looked at", prefect.context.get("resume")


@task
def asks_without_words():
    pause_task()
    return "done"


@task
def by_signal():
    if not prefect.context.get("resume"):
        raise signals.PAUSE("paused by a signal")
    return "resumed"


@task
def for_a_moment():
    pause_task("short", duration=timedelta(seconds=-1))
    return "went on"


@task
def publish(x):
    return x


with Flow("approve") as flow:
    approved = approve(prepare())
    published = publish(approved)

with Flow("asks") as asking:
    published = publish(asks())

with Flow("asks without words") as quiet:
    published = publish(asks_without_words())

with Flow("by signal") as signalled:
    published = publish(by_signal())

with Flow("for a moment") as moment:
    published = publish(for_a_moment())

with Flow("after a failure") as failed:
    approved = approve(Task(name="fine")() / 0)

with Flow("two questions") as two:
    first = asks()
    second = approve(first)

CASES = {
    "yes": {"flow": flow, "input": ["y"], "observe": True},
    "capital yes": {"flow": flow, "input": ["Y"]},
    "no, then yes": {"flow": flow, "input": ["n", "", "y"]},
    "nobody answers": {"flow": flow, "input": []},
    "pause_task": {"flow": asking, "input": ["y"], "observe": True},
    "pause_task without words": {"flow": quiet, "input": ["y"]},
    "PAUSE": {"flow": signalled, "input": ["y"]},
    "paused into the past": {"flow": moment, "input": ["no"]},
    "resumed with a state": {"flow": flow, "run": lambda: {"task_states": {approved_task(): Resume("go")}}},
    "paused with a past time": {
        "flow": flow,
        "run": lambda: {
            "task_states": {approved_task(): Paused("old", start_time=pendulum.now("UTC").subtract(days=1))}
        },
        "input": ["n"],
    },
    "after a failure": {"flow": failed, "input": ["y"]},
    "two questions": {"flow": two, "input": ["y", "y"]},
}


def approved_task():
    return flow.get_tasks(name="approve")[0]
