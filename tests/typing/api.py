"""The public API as a user writes it. `make lint` checks the types; nothing here is executed."""

from __future__ import annotations

from datetime import timedelta

from prefect import Flow, Parameter, Task, apply_map, case, flatten, mapped, resource_manager, tags, task, unmapped
from prefect.engine.results import LocalResult
from prefect.engine.signals import LOOP, SKIP
from prefect.engine.state import State, Success
from prefect.executors import LocalDaskExecutor
from prefect.run_configs import DockerRun
from prefect.schedules import CronSchedule
from prefect.storage import Local
from prefect.tasks.control_flow import FilterTask, ifelse, merge, switch
from prefect.triggers import all_finished


@task
def add(left: int, right: int = 1) -> int:
    if left > 10:
        raise SKIP("enough")
    return left + right


@task(name="pages", max_retries=3, retry_delay=timedelta(seconds=1), trigger=all_finished, nout=2)
def pages(count: int) -> tuple[int, int]:
    if count > 3:
        raise LOOP(result=count)
    return count, count


class Emit(Task):
    def __init__(self, value: str) -> None:
        self.value = value
        super().__init__(name="emit", tags=["io"], result=LocalResult(dir="."))

    def run(self) -> str:
        return self.value


@resource_manager
class Connection:
    def setup(self) -> str:
        return "open"

    def cleanup(self, connection: str) -> None:
        del connection


def watch(subject: Task, old: State, new: State) -> State | None:
    return Success("fine", result=subject.name) if new.is_failed() and old.is_running() else None


with Flow("typed", executor=LocalDaskExecutor(scheduler="threads", num_workers=2)) as flow:
    number = Parameter("number", default=1)
    total: Task = add(number, right=2) + number
    first, second = pages(3)
    with tags("many"), case(total, 4):
        many = add.map([1, 2, 3], right=unmapped(first))
        flat = add(mapped([1, 2]), flatten([[1], [2]]))
    filtered = FilterTask()(many)
    apply_map(lambda value: add(value), [1, 2])
    switch(total, {1: Emit("one"), 2: Emit("two")})
    ifelse(total > 2, Emit("big"), None)
    merge(flat, filtered, second)

flow.set_reference_tasks([total])
state = flow.run(parameters={"number": 2}, executor=LocalDaskExecutor())
assert state is not None
result: State = state.result[total]

scheduled = Flow(
    "scheduled",
    schedule=CronSchedule("0 9 * * *"),
    run_config=DockerRun(image="python:3.12", labels=["a"]),
    storage=Local(path="scheduled.py", stored_as_script=True),
)
