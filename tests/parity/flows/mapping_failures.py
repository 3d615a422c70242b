"""What a map makes of failed, skipped and unusable inputs."""

from prefect import Flow, task, unmapped
from prefect.engine import signals
from prefect.triggers import all_finished, any_failed


@task
def items():
    return [0, 1, 2, 3]


@task
def fragile(x):
    if x == 1:
        raise ValueError("one is not accepted")
    if x == 2:
        raise signals.SKIP("two is skipped")
    return x


@task
def follow(x):
    return x * 10


@task(trigger=all_finished, skip_on_upstream_skip=False)
def tolerant(x):
    return repr(x)


@task(trigger=any_failed, skip_on_upstream_skip=False)
def rescue(x):
    return "rescued"


@task
def collect(values):
    return values


@task(trigger=all_finished, skip_on_upstream_skip=False)
def collect_all(values):
    return [repr(value) for value in values]


@task
def broken():
    raise RuntimeError("no list today")


@task
def skipped():
    raise signals.SKIP("nothing to do")


@task
def number():
    return 5


@task
def nothing():
    return None


@task
def pair(x, y):
    return x, y


with Flow("failing and skipping children") as children:
    found = fragile.map(items())
    followed = follow.map(found)
    strict = collect(followed)
    everything = collect_all(followed)

with Flow("triggers of children") as triggers:
    found = fragile.map(items())
    seen = tolerant.map(found)
    saved = rescue.map(found)

with Flow("over a failed task") as over_failed:
    followed = follow.map(broken())
    told = tolerant.map(broken())
    after = collect_all(followed)

with Flow("over a skipped task") as over_skipped:
    followed = follow.map(skipped())
    told = tolerant.map(skipped())
    after = collect(followed)

with Flow("over values that are no sequence") as over_scalars:
    a = follow.map(number())
    b = follow.map(nothing())
    c = tolerant.map(number())

with Flow("failed unmapped input") as failed_unmapped:
    pairs = pair.map([1, 2], unmapped(broken()))
    followed = follow.map(pairs)

with Flow("skipped unmapped input") as skipped_unmapped:
    pairs = pair.map([1, 2], unmapped(skipped()))

with Flow("one input fails, one succeeds") as half:
    pairs = pair.map(items(), broken())

with Flow("reference children") as reference:
    found = fragile.map([0, 1])
    told = collect_all(found)

reference.set_reference_tasks([found])

CASES = {
    "children": {"flow": children},
    "children observed": {"flow": children, "observe": True},
    "triggers of children": {"flow": triggers},
    "over a failed task": {"flow": over_failed, "observe": True},
    "over a skipped task": {"flow": over_skipped},
    "over scalars": {"flow": over_scalars},
    "failed unmapped input": {"flow": failed_unmapped},
    "skipped unmapped input": {"flow": skipped_unmapped},
    "one input fails, one succeeds": {"flow": half},
    "mapped reference task": {"flow": reference},
}
