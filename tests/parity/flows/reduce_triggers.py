"""Triggers look at the children of a mapped upstream task."""

from prefect import Flow, Parameter, task
from prefect.engine import signals
from prefect.triggers import (
    all_failed,
    all_finished,
    all_successful,
    any_failed,
    any_successful,
    not_all_skipped,
    some_failed,
    some_successful,
)


@task
def outcome(kind):
    if kind == "fail":
        raise ValueError("failed child")
    if kind == "skip":
        raise signals.SKIP("skipped child")
    return kind


def reducing(name, trigger):
    @task(name=name, trigger=trigger, skip_on_upstream_skip=False)
    def reduce(values):
        return len(values)

    return reduce


with Flow("reduce") as flow:
    kinds = Parameter("kinds")
    mapped = outcome.map(kinds)
    for name, trigger in [
        ("all_successful", all_successful),
        ("all_failed", all_failed),
        ("all_finished", all_finished),
        ("any_successful", any_successful),
        ("any_failed", any_failed),
        ("not_all_skipped", not_all_skipped),
        ("half failed", some_failed(at_least=0.5)),
        ("at most one failed", some_failed(at_most=1)),
        ("two succeeded", some_successful(at_least=2)),
        ("up to 80 % succeeded", some_successful(at_least=0.1, at_most=0.8)),
    ]:
        reducing(name, trigger)(mapped)

CASES = {
    "all good": {"flow": flow, "parameters": {"kinds": ["a", "b", "c"]}},
    "mixed": {"flow": flow, "parameters": {"kinds": ["a", "fail", "skip", "b"]}},
    "all failed": {"flow": flow, "parameters": {"kinds": ["fail", "fail"]}},
    "all skipped": {"flow": flow, "parameters": {"kinds": ["skip", "skip"]}},
    "none": {"flow": flow, "parameters": {"kinds": []}},
}
