"""`flatten`: of a task, of a mapped task, before a reduce, more than once."""

from prefect import Flow, flatten, task, unmapped
from prefect.engine import signals


@task
def nested():
    return [[1, 2], [3], []]


@task
def upto(n):
    return list(range(n))


@task
def odd_upto(n):
    if n == 1:
        raise ValueError("one")
    if n == 2:
        raise signals.SKIP("two")
    return list(range(n))


@task
def double(x):
    return x * 2


@task
def collect(values):
    return values


@task
def same(x):
    return x


with Flow("flatten a task") as plain:
    doubled = double.map(flatten(nested()))
    collected = collect(flatten(nested()))

with Flow("flatten a mapped task") as mapped:
    doubled = double.map(flatten(upto.map([2, 0, 3])))
    collected = collect(flatten(upto.map([1, 2])))

with Flow("flatten twice") as twice:
    inner = same.map([[[1], [2, 3]], [[4]]])
    once = same.map(flatten(inner))
    doubled = double.map(flatten(once))

with Flow("flatten what is flat") as flat:
    collected = collect(flatten(collect([1, 2])))
    doubled = double.map(flatten(collect([5, 6])))

with Flow("flatten children that are not lists") as scalars:
    doubled = double.map(flatten(same.map([[1, 2], 7, "ab"])))
    collected = collect(flatten(same.map([None, [1]])))

with Flow("flatten failures") as failures:
    doubled = double.map(flatten(odd_upto.map([2, 3, 1, 1])))

with Flow("flatten and unmapped") as both:
    pairs = collect.map(flatten([[1], [2, 3]]))
    again = same.map(unmapped(flatten([[1], [2, 3]])), upstream_tasks=[[1, 2]])

CASES = {
    "a task": {"flow": plain},
    "a mapped task": {"flow": mapped},
    "twice": {"flow": twice},
    "already flat": {"flow": flat},
    "scalars": {"flow": scalars},
    "failed and skipped children": {"flow": failures, "observe": True},
    "with unmapped": {"flow": both},
}
