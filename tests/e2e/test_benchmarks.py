"""The programs behind `make bench` still measure; how fast is not for a test to say."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

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
    ],
    ids=" ".join,
)
def test_program_measures_ours_and_the_floor(arguments, tmp_path):
    program, *rest = arguments
    output = tmp_path / "figures.json"

    subprocess.run(
        [sys.executable, PROGRAMS / f"{program}.py", output, *rest],
        env=dict(os.environ, PREFECT__LOGGING__LEVEL="CRITICAL"),
        capture_output=True,
        check=True,
    )

    figures = json.loads(output.read_text())
    assert sorted(figures) == ["floor", "measured"]
    assert min(figures.values()) > 0
