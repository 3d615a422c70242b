"""`on_failure` of tasks and flows: on every failed attempt, and on trigger failures."""

from datetime import timedelta

from prefect import Flow, Parameter, task

SEEN = []


def tell(obj, state):
    SEEN.append(f"{obj.name}: {state!r}")


@task(on_failure=tell, max_retries=1, retry_delay=timedelta(seconds=0))
def divide(x):
    return 1 / x


@task(on_failure=tell)
def after(x):
    return x


@task(on_failure=tell)
def each(x):
    return 1 / x


with Flow("on failure", on_failure=tell) as flow:
    done = after(divide(Parameter("x", default=0)))

with Flow("mapped", on_failure=tell) as mapped:
    done = after(each.map([1, 0]))

CASES = {
    "fails": {"flow": flow},
    "succeeds": {"flow": flow, "parameters": {"x": 4}},
    "mapped": {"flow": mapped},
}
