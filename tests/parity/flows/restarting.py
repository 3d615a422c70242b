"""Runs that start from given states."""

import prefect
from prefect import Flow, resource_manager, task
from prefect.engine.state import Cached, Failed, Mapped, Pending, Retrying, Scheduled, Skipped, Success, TriggerFailed
from prefect.tasks.secrets import EnvVarSecret

SEEN = []


@task
def extract():
    SEEN.append("extract")
    return [1, 2, 3]


@task
def each(x):
    SEEN.append(f"each {x}, attempt {prefect.context.task_run_count}")
    return x * 10


@task
def load(rows):
    SEEN.append(f"load {rows}")
    return rows


with Flow("restart") as flow:
    extracted = extract()
    mapped = each.map(extracted)
    loaded = load(mapped)


@resource_manager
class Lock:
    def setup(self):
        SEEN.append("lock")
        return "held"

    def cleanup(self, held):
        SEEN.append(f"unlock {held}")


with Flow("always again") as again:
    secret = EnvVarSecret("HOME_OF_NOBODY")
    with Lock() as lock:
        used = load([lock, secret])

setup = again.get_tasks(name="Lock.setup")[0]
cleanup = again.get_tasks(name="Lock.cleanup")[0]


def restart(**options):
    return {"flow": flow, "run": lambda: options}


CASES = {
    "finished tasks are kept": restart(task_states={extracted: Success("given", result=[7, 8])}),
    "failures are kept": restart(task_states={extracted: Failed("given")}),
    "skips are kept": restart(task_states={extracted: Skipped("given")}),
    "trigger failures are kept": restart(task_states={mapped: TriggerFailed("given")}),
    "pending runs": restart(task_states={extracted: Pending("given"), loaded: Scheduled()}),
    "retrying counts on": restart(task_states={mapped: Pending(), loaded: Retrying(run_count=3)}),
    "some children": restart(
        task_states={
            extracted: Success(result=[1, 2, 3]),
            mapped: Mapped(
                "given", map_states=[Success("kept", result=70), Failed("kept"), Pending(), Success("surplus")]
            ),
        }
    ),
    "failed children run again": restart(
        task_states={
            extracted: Success(result=[1, 2]),
            mapped: Mapped(map_states=[Success(result=70), Retrying("again", run_count=1)]),
        }
    ),
    "cached is checked": restart(task_states={extracted: Cached("given", result=[5])}),
    "last task only": restart(task_states={loaded: Success("given", result="done")}),
    "foreign task": restart(task_states={prefect.Task(name="foreign"): Success()}),
    "finished flow": restart(state=Success("all done")),
    "running flow": restart(
        state=prefect.engine.state.Running("going on"), task_states={extracted: Success(result=[])}
    ),
    "resources and secrets run again": {
        "flow": again,
        "run": {"task_states": {setup: Success(result="old"), cleanup: Success(), secret: Success(result="old")}},
    },
}
