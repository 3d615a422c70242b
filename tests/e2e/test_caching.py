"""Values that one run leaves for the next, each run a process of its own (core.md §9.1; backend.md §14)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from backend_home import BackendHome, assert_no_bug

from prefect.orchestration.task_runs import task_runs

#: A flow whose task ``load`` is cached as said, and adds a line to the file ``executed`` whenever it is executed.
CACHING = """
import os
from datetime import timedelta
import prefect
from prefect import Flow, Parameter, task
from prefect.engine.cache_validators import *
from prefect.engine.results import LocalResult

@task({options})
def load(day):
    with open(os.environ["EXECUTED"], "a") as file:
        file.write(day + "\\n")
    return [day, "loaded"]

@task
def show(rows):
    prefect.context.logger.info("rows: %s", rows)

with Flow("{name}") as flow:
    show(load(Parameter("day", default="mon")))

if __name__ == "__main__":
    flow.register("demo", no_url=True)
"""


def register(backend: BackendHome, name: str = "caching", **options: Any) -> None:
    """Register the flow; ``options`` are those of its task, as text."""
    options.setdefault("cache_for", "timedelta(hours=1)")
    text = ", ".join(f"{key}={value}" for key, value in options.items())
    backend.register(CACHING.replace("{options}", text).replace("{name}", name), file=f"{name}.py")


def execute(backend: BackendHome, name: str = "caching", **parameters: str) -> tuple[str, str]:
    """Run a flow in a process of its own and return the state of its task ``load`` and what ``show`` got of it."""
    words = [word for key, value in parameters.items() for word in ("--param", f'{key}="{value}"')]
    done = backend.prefect("run", "-n", name, *words, "--execute")
    assert_no_bug(done)
    assert done.returncode == 0, done.stdout + done.stderr
    newest = next(iter(backend.store.runs.newest()))
    states = {one["task"]: one["state"]["type"] for one in task_runs(backend.store, newest["id"])}
    (shown,) = [line.partition("rows: ")[2] for line in done.stdout.splitlines() if "rows: " in line]
    return states["load-1"], shown


def stored_files(backend: BackendHome) -> list[Path]:
    return [path for path in (backend.home / "results").rglob("*") if path.is_file()]


MONDAY = ("Cached", "['mon', 'loaded']")
TUESDAY = ("Cached", "['tue', 'loaded']")


def test_the_second_run_takes_the_value_that_the_first_has_stored(backend):
    register(backend)

    assert [execute(backend), execute(backend)] == [MONDAY, MONDAY]
    assert backend.executions() == ["mon"]


def test_other_inputs_are_loaded_anew_and_known_ones_are_not(backend):
    register(backend, cache_validator="all_inputs")

    assert [execute(backend, day=day) for day in ("mon", "tue", "mon")] == [MONDAY, TUESDAY, MONDAY]
    assert backend.executions() == ["mon", "tue"]


def test_what_is_older_than_cache_for_is_loaded_anew(backend):
    register(backend, cache_for=repr(timedelta(microseconds=1)).removeprefix("datetime."))

    assert [execute(backend), execute(backend)] == [MONDAY, MONDAY]
    assert backend.executions() == ["mon", "mon"]


def test_what_another_flow_has_left_under_the_same_key_is_taken(backend):
    register(backend, "morning", cache_key='"rows"')
    register(backend, "evening", cache_key='"rows"')

    assert [execute(backend, "morning"), execute(backend, "evening")] == [MONDAY, MONDAY]
    assert backend.executions() == ["mon"]


def test_what_another_flow_has_left_under_the_same_key_expires_when_that_flow_says(backend):
    register(backend, "morning", cache_key='"rows"', cache_for="timedelta(microseconds=1)")
    register(backend, "evening", cache_key='"rows"')

    assert [execute(backend, "morning"), execute(backend, "evening")] == [MONDAY, MONDAY]
    assert backend.executions() == ["mon", "mon"]


def test_without_a_key_flows_share_nothing(backend):
    register(backend, "morning")
    register(backend, "evening")

    assert [execute(backend, "morning"), execute(backend, "evening")] == [MONDAY, MONDAY]
    assert backend.executions() == ["mon", "mon"]


def test_a_value_whose_file_is_gone_is_loaded_anew(backend):
    register(backend)
    execute(backend)
    for path in stored_files(backend):
        path.unlink()

    assert execute(backend) == MONDAY
    assert backend.executions() == ["mon", "mon"]


def test_a_file_at_the_target_is_read_by_the_next_run(backend):
    register(backend, cache_for="None", target='"{day}.rows"', result='LocalResult(dir="data")')

    assert execute(backend) == ("Success", "['mon', 'loaded']")
    assert execute(backend) == MONDAY
    assert execute(backend, day="tue") == ("Success", "['tue', 'loaded']")
    assert backend.executions() == ["mon", "tue"]
    assert sorted(path.name for path in (backend.cwd / "data").iterdir()) == ["mon.rows", "tue.rows"]
