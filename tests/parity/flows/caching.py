"""`cache_for`: the second run finds what the first one made."""

from datetime import timedelta

import prefect
from prefect import Flow, Parameter, task
from prefect.engine import signals
from prefect.engine.cache_validators import (
    all_inputs,
    all_parameters,
    duration_only,
    partial_inputs_only,
    partial_parameters_only,
)

SEEN = []
HOUR = timedelta(hours=1)


def remember(*args):
    SEEN.append(" ".join(map(str, args)))
    return args


@task(cache_for=HOUR)
def simple():
    return remember("simple")


@task(cache_for=HOUR, cache_validator=all_inputs)
def by_inputs(x, y):
    return remember("by inputs", x, y)


@task(cache_for=HOUR, cache_validator=partial_inputs_only(validate_on=["x"]))
def by_x(x, y):
    return remember("by x", x, y)


@task(cache_for=HOUR, cache_validator=all_parameters)
def by_parameters(x):
    return remember("by parameters", x)


@task(cache_for=HOUR, cache_validator=partial_parameters_only(validate_on=["y"]))
def by_y(x):
    return remember("by y", x)


@task(cache_for=HOUR, cache_validator=all_inputs)
def each(x):
    return remember("each", x)


@task(cache_for=timedelta(seconds=-1), cache_validator=duration_only)
def expired():
    return remember("expired")


@task(cache_for=HOUR)
def failing():
    remember("failing")
    raise ValueError("never cached")


@task(cache_for=HOUR)
def skipping():
    remember("skipping")
    raise signals.SKIP("never cached")


@task
def uncached():
    return remember("uncached")


@task(cache_for=HOUR, cache_key="shared")
def one():
    return remember("one")


@task(cache_for=HOUR, cache_key="shared")
def other():
    return remember("other")


@task
def after(x):
    return x


counter = {"x": 0}


@task
def next_number():
    counter["x"] += 1
    return counter["x"]


with Flow("simple") as flow:
    done = after(simple())
    plain = uncached()

with Flow("validators") as validators:
    x, y = Parameter("x", default=1), Parameter("y", default=2)
    number = next_number()
    a = by_inputs(x, y)
    b = by_inputs(x, number)
    c = by_x(x, number)
    d = by_parameters(number)
    e = by_y(number)

with Flow("mapped") as mapped:
    done = after(each.map([1, 2, next_number()]))

with Flow("not cached") as not_cached:
    expired()
    failing()
    after(skipping())

with Flow("shared key") as shared:
    first = one()
    second = other(upstream_tasks=[first])

CASES = {
    "simple": {"flow": flow, "runs": 2, "observe": True},
    "validators": {"flow": validators, "runs": 2},
    "mapped": {"flow": mapped, "runs": 2},
    "not cached": {"flow": not_cached, "runs": 2},
    "shared key": {"flow": shared, "runs": 2},
    "empty caches": {"flow": flow, "runs": 2, "outer": {"caches": {}}},
}

assert prefect.context.get("caches") is None
