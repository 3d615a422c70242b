"""The programs behind `make bench` still measure; how fast is not for a test to say."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
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
