"""Task state handlers: they watch, replace, raise."""

from datetime import timedelta

import prefect
from prefect import Flow, Task, task
from prefect.engine import signals
from prefect.engine.state import Failed, Skipped, Success

SEEN = []


def first(obj, old, new):
    SEEN.append(f"first {obj.name}: {old!r} -> {new!r}")


def second(obj, old, new):
    SEEN.append(f"second {obj.name}: {type(old).__name__} -> {type(new).__name__}")
    return new


def rescue(obj, old, new):
    if new.is_failed():
        return Success("rescued", result="default")
    return None


def spoil(obj, old, new):
    if new.is_successful():
        return Failed("spoiled")
    return None


def skip_before(obj, old, new):
    if new.is_running():
        raise signals.SKIP("the handler said so")


def fail_before(obj, old, new):
    if new.is_running():
        raise signals.FAIL("the handler failed it")


def succeed_before(obj, old, new):
    if new.is_running():
        raise signals.SUCCESS("nothing to do", result=42)


def broken(obj, old, new):
    raise KeyError("broken handler")


def broken_at_end(obj, old, new):
    if new.is_finished():
        raise ValueError("broken at the end")


def end_run(obj, old, new):
    if new.is_running():
        raise signals.ENDRUN(Skipped("ended by the handler"))


def skipped_after(obj, old, new):
    if new.is_failed():
        return Skipped("a failure is a skip")
    return None


class Fail(Task):
    def run(self):
        raise ZeroDivisionError("division")


@task
def use(x):
    return x


def value(*handlers, **options):
    return task(lambda: 1, name="value", state_handlers=list(handlers), **options)


def fail(*handlers, **options):
    return Fail(name="fail", state_handlers=list(handlers), **options)


def flow_with(name, *tasks):
    with Flow(name) as flow:
        for each in tasks:
            use(each())
    return flow


@task(max_retries=2, retry_delay=timedelta(seconds=0), state_handlers=[first])
def flaky():
    if prefect.context.task_run_count < 3:
        raise ValueError("again")


@task(state_handlers=[first])
def mapped(x):
    return x


with Flow("mapped handlers") as mapped_flow:
    use(mapped.map([1, 2]))

CASES = {
    "watching": {"flow": flow_with("watching", value(first, second))},
    "watching a failure": {"flow": flow_with("watching a failure", fail(first, second))},
    "rescue": {"flow": flow_with("rescue", fail(rescue, first))},
    "rescue before retry": {
        "flow": flow_with("rescue first", fail(rescue, max_retries=2, retry_delay=timedelta(seconds=0)))
    },
    "spoil": {"flow": flow_with("spoil", value(spoil, second))},
    "failure to skip": {"flow": flow_with("failure to skip", fail(skipped_after))},
    "signals": {
        "flow": flow_with(
            "signals",
            value(skip_before, second),
            value(fail_before, second),
            value(succeed_before, second),
            value(end_run, second),
        )
    },
    "broken": {"flow": flow_with("broken", value(broken))},
    "broken at the end": {"flow": flow_with("broken at the end", value(broken_at_end))},
    "retries": {"flow": flow_with("retries", flaky)},
    "mapped": {"flow": mapped_flow},
}
