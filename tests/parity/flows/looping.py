"""`LOOP`: run again with what was found so far."""

import prefect
from prefect import Flow, Parameter, task
from prefect.engine import signals


@task
def pages(last):
    page = prefect.context.get("task_loop_count", 1)
    rows = prefect.context.get("task_loop_result", [])
    rows = [*rows, f"page {page}"]
    if page < last:
        raise signals.LOOP(message=f"got page {page}", result=rows)
    return rows


@task
def fibonacci(limit):
    a, b = prefect.context.get("task_loop_result", (0, 1))
    if b > limit:
        return a
    raise signals.LOOP(result=(b, a + b))


@task
def quiet():
    present = "task_loop_result" in prefect.context, "task_loop_count" in prefect.context
    if prefect.context.get("task_loop_count", 1) < 2:
        raise signals.LOOP()
    return present, prefect.context.task_loop_result


@task
def none():
    if prefect.context.get("task_loop_count", 1) < 3:
        raise signals.LOOP(result=None)
    return prefect.context.task_loop_result, prefect.context.task_loop_count


@task
def ends_badly():
    count = prefect.context.get("task_loop_count", 1)
    if count < 3:
        raise signals.LOOP(result=count)
    raise ValueError(f"at loop {count}")


@task
def ends_skipped():
    if prefect.context.get("task_loop_count", 1) < 2:
        raise signals.LOOP(result="x")
    raise signals.SKIP("enough")


@task
def after(x):
    return x


with Flow("pages") as flow:
    done = after(pages(Parameter("last", default=3)))

with Flow("deep") as deep:
    done = fibonacci(10**60)

with Flow("details") as details:
    quiet()
    none()
    after(ends_badly())
    after(ends_skipped())

with Flow("mapped") as mapped:
    done = after(pages.map([1, 3, 2]))

CASES = {
    "pages": {"flow": flow},
    "pages observed": {"flow": flow, "observe": True},
    "one page": {"flow": flow, "parameters": {"last": 1}, "observe": True},
    "hundreds of loops": {"flow": deep},
    "details": {"flow": details, "observe": True},
    "mapped": {"flow": mapped, "observe": True},
}
