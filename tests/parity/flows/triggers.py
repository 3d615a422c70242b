"""Every trigger, after a success, a failure and a skip."""

from prefect import Flow, task
from prefect.engine import signals
from prefect.triggers import (
    all_failed,
    all_finished,
    all_successful,
    always_run,
    any_failed,
    any_successful,
    not_all_skipped,
    some_failed,
    some_successful,
)

TRIGGERS = {
    "all_successful": all_successful,
    "all_failed": all_failed,
    "all_finished": all_finished,
    "always_run": always_run,
    "any_failed": any_failed,
    "any_successful": any_successful,
    "not_all_skipped": not_all_skipped,
    "some_failed": some_failed(at_least=1, at_most=1),
    "some_successful": some_successful(at_least=0.5),
    "one": some_successful(at_least=1.0),
    "no failures": some_failed(at_most=0),
}


@task
def good():
    return "good"


@task
def bad():
    raise ValueError("bad")


@task
def skip():
    raise signals.SKIP("skip")


def flow_of(name, *upstream, skip_on_upstream_skip=True):
    with Flow(name) as flow:
        tasks = [each() for each in upstream]
        for key, trigger in TRIGGERS.items():
            task(lambda: "ran", name=key, trigger=trigger, skip_on_upstream_skip=skip_on_upstream_skip)(
                upstream_tasks=tasks
            )
    return flow


CASES = {
    "no upstream": {"flow": flow_of("no upstream")},
    "success": {"flow": flow_of("success", good)},
    "failure": {"flow": flow_of("failure", bad), "observe": True},
    "success and failure": {"flow": flow_of("success and failure", good, bad)},
    "success and skip": {"flow": flow_of("success and skip", good, skip)},
    "success and skip, not skipping": {"flow": flow_of("not skipping", good, skip, skip_on_upstream_skip=False)},
    "only skip, not skipping": {"flow": flow_of("only skip", skip, skip_on_upstream_skip=False)},
    "all three, not skipping": {"flow": flow_of("all three", good, bad, skip, skip_on_upstream_skip=False)},
}
