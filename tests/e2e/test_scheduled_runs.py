"""What the clocks of a registered flow make of an agent, as real processes. Source: core.md §13; backend.md §13."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from backend_home import BackendHome, wait_for

#: One clock has the even seconds and one the odd ones, each with parameters and labels of its own.
TICKING = """
import os
import prefect
from prefect import Flow, Parameter, task
from prefect.schedules import Schedule
from prefect.schedules.clocks import CronClock

@task
def note(beat, also):
    context = prefect.context
    with open(os.environ["EXECUTED"], "a") as file:
        file.write(f"{context.flow_run_id} {context.scheduled_start_time.isoformat()} {beat} {also}\\n")

schedule = Schedule(
    clocks=[
        CronClock("* * * * * */2", parameter_defaults={"beat": "even"}, labels=["here"]),
        CronClock("* * * * * 1-59/2", parameter_defaults={"beat": "odd"}, labels=["elsewhere"]),
    ]
)
with Flow("ticking", schedule=schedule) as flow:
    note(Parameter("beat", default="none"), Parameter("also", default="own"))

if __name__ == "__main__":
    flow.register("demo", no_url=True)
"""


def runs(backend: BackendHome) -> list[dict[str, Any]]:
    """Return all runs in the order of their scheduled times."""
    return sorted(backend.store.runs.newest(), key=lambda run: run["scheduled_start_time"])


def test_the_next_ten_times_of_all_clocks_wait_with_their_parameters_and_labels(backend: BackendHome) -> None:
    backend.register(TICKING)

    waiting = runs(backend)

    assert [run["state"]["type"] for run in waiting] == ["Scheduled"] * 10
    times = [datetime.fromisoformat(run["scheduled_start_time"]) for run in waiting]
    assert times == [times[0] + timedelta(seconds=n) for n in range(10)]
    for time, run in zip(times, waiting):
        beat, label = ("odd", "elsewhere") if time.second % 2 else ("even", "here")
        assert (run["parameters"], run["labels"]) == ({"beat": beat, "also": "own"}, [label])


def test_an_agent_executes_the_runs_of_the_clocks_whose_labels_it_has_and_sees_to_the_next(
    backend: BackendHome,
) -> None:
    backend.register(TICKING)
    backend.start_agent("--no-hostname-label", "--label", "here")

    wait_for(lambda: len(finished(backend)) >= 2, "two scheduled runs")
    wait_for(lambda: len(runs(backend)) > 10, "runs of later times")

    assert {run["state"]["type"] for run in finished(backend)} == {"Success"}
    noted = dict(line.split(" ", 1) for line in backend.executed.read_text().splitlines())
    for run in finished(backend)[:2]:
        time = datetime.fromisoformat(run["scheduled_start_time"]).isoformat()
        assert noted[run["id"]] == f"{time} even own"
    elsewhere = {run["state"]["type"] for run in runs(backend) if run["labels"] == ["elsewhere"]}
    assert elsewhere == {"Scheduled"}


def finished(backend: BackendHome) -> list[dict[str, Any]]:
    return [run for run in runs(backend) if run["state"]["type"] in ("Success", "Failed")]
