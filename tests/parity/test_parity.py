"""Flow files written for 1.4.1 run unchanged: the same states, the same log lines, the same output.

``recorded/`` holds what release 1.4.1 made of the files in ``flows/`` (see ``record.py``). Each case runs here under the
package under test and must agree, but for what ``deviations.py`` lists with its reason.
"""

from __future__ import annotations

import functools
import json
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # the recorder is a script, not part of a package

import comparison
import deviations
import record

RECORDED = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(record.RECORDED.glob("*.json"))}
CASES = [(file, case) for file, cases in RECORDED.items() for case in cases]


every_case = pytest.mark.parametrize(("file", "case"), CASES, ids=[f"{file}: {case}" for file, case in CASES])


@functools.cache
def _run(file: str, *, observe: bool = False) -> dict[str, Any]:
    return record.run_file(record.FLOWS / f"{file}.py", observe=observe)


def _compare(file: str, case: str, got: dict[str, Any]) -> None:
    expected = deviations.apply(file, case, RECORDED[file][case])
    found = comparison.differences(expected, got)
    assert not found, "\n".join(f"{field}\n    1.4.1: {wanted}\n    ours:  {got}" for field, wanted, got in found)


@every_case
def test_a_flow_file_of_1_4_1_runs_as_it_did(file: str, case: str) -> None:
    _compare(file, case, _run(file)[case])


@every_case
def test_a_flow_that_is_watched_runs_as_it_does_unwatched(file: str, case: str) -> None:
    """A task with a state handler takes the full pipeline, one without may take a short path: both do what 1.4.1 did."""
    _compare(file, case, _run(file, observe=True)[case])


def test_every_flow_file_is_recorded() -> None:
    assert sorted(RECORDED) == sorted(path.stem for path in record.FLOWS.glob("*.py"))


@pytest.mark.parametrize("file", RECORDED)
def test_every_case_is_recorded(file: str) -> None:
    assert list(_run(file)) == list(RECORDED[file])


def test_every_deviation_belongs_to_a_case() -> None:
    assert {(file, case) for file, case, _ in deviations.DEVIATIONS} <= set(CASES)
    assert deviations.unused(RECORDED) == []


def test_recordings_hold_no_frame_of_a_library() -> None:
    for file in record.RECORDED.glob("*.json"):
        assert "site-packages" not in file.read_text(encoding="utf-8")
