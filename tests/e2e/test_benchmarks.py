"""The programs behind `make bench` still measure; how fast is not for a test to say."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

PROGRAMS = Path(__file__).parent.parent.parent / "benchmarks" / "programs"


@pytest.mark.parametrize(
    "arguments",
    [
        ("shapes", "chain", "9", "1"),
        ("shapes", "wide", "9", "1"),
        ("shapes", "map", "9", "1", "lines"),
        ("shapes", "diamond", "9", "1"),
        ("memory", "100"),
        ("building", "10", "1"),
        ("backend", "9", "1"),
    ],
    ids=" ".join,
)
def test_program_measures_ours_and_the_floor(arguments, tmp_path):
    figures = measured(tmp_path, *arguments)

    assert sorted(figures) == ["floor", "measured"]
    assert min(figures.values()) > 0


def test_program_measures_the_store_at_several_sizes(tmp_path):
    figures = measured(tmp_path, "store", "2", "10", "30")

    operations = ["by name", "claim", "create", "get", "newest", "of a flow", "read"]
    assert {size: sorted(found) for size, found in figures.items()} == {
        "10": operations,
        "30": operations,
        "floor": ["replace"],
    }
    assert min(min(found.values()) for found in figures.values()) > 0


def test_program_measures_an_agent(tmp_path):
    figures = measured(tmp_path, "pickup", "1", "0.1")

    assert sorted(figures) == ["begun", "idle", "running"]
    assert figures["begun"] <= figures["running"]


def test_a_run_is_not_over_that_is_taken_out_of_the_queue_between_two_looks():
    def step(kind: str, pid: int | None, at: str, **fields: Any) -> dict[str, Any]:
        process = None if pid is None else {"pid": pid}
        return {"state": {"type": kind}, "due": None, "live": True, "process": process, "at": at, **fields}

    history = [
        step("Scheduled", None, "2024-05-17T12:00:00+00:00", due="2024-05-17T12:00:00+00:00", live=False),
        step("Submitted", 1, "2024-05-17T12:00:01+00:00"),
        step("Submitted", 2, "2024-05-17T12:00:02+00:00"),
        step("Running", 2, "2024-05-17T12:00:05+00:00"),
        step("Success", 2, "2024-05-17T12:00:06+00:00", live=False),
    ]
    looks = iter([*history, history[-1]])  # each finds the run one step further
    runs = SimpleNamespace(get=lambda id: next(looks), history=lambda id: history)
    client = SimpleNamespace(create_flow_run=lambda flow_id: "a run", store=SimpleNamespace(runs=runs))
    program = runpy.run_path(str(PROGRAMS / "pickup.py"))

    begun, running = program["picked_up"](client, "a flow", agent_pid=1)

    assert running - begun == pytest.approx(3000)


def measured(folder: Path, program: str, *arguments: str) -> dict[str, Any]:
    """Return what a program measured."""
    output = folder / "figures.json"
    subprocess.run(
        [sys.executable, PROGRAMS / f"{program}.py", output, *arguments],
        env=dict(os.environ, PREFECT__LOGGING__LEVEL="CRITICAL", TMPDIR=str(folder)),
        capture_output=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(output.read_text())
    return found
