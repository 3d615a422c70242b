"""`upstream_tasks` of a map are mapped as well, unless unmapped."""

from prefect import Flow, task, unmapped
from prefect.engine import signals


@task
def prepare():
    return "ready"


@task
def check(x):
    if x == 2:
        raise signals.SKIP("two")
    if x == 3:
        raise ValueError("three")
    return x


@task
def work(x):
    return -x


with Flow("unmapped upstream") as unmapped_upstream:
    worked = work.map([1, 2], upstream_tasks=[unmapped(prepare())])

with Flow("mapped upstream") as mapped_upstream:
    checked = check.map([1, 2, 3, 4])
    worked = work.map([10, 20, 30], upstream_tasks=[checked])

with Flow("upstream that is no sequence") as no_sequence:
    worked = work.map([1, 2], upstream_tasks=[check(4)])

with Flow("only upstream") as only:
    started = prepare.map(upstream_tasks=[[1, 2]])

with Flow("failed unmapped upstream") as failed:
    worked = work.map([1, 2], upstream_tasks=[unmapped(check(3))])

CASES = {
    "unmapped upstream": {"flow": unmapped_upstream},
    "mapped upstream": {"flow": mapped_upstream},
    "upstream is no sequence": {"flow": no_sequence},
    "only upstream": {"flow": only},
    "failed unmapped upstream": {"flow": failed},
}
