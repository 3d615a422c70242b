"""Documents agree with those of 1.4.1; see ``record.py``."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

HERE = Path(__file__).parent

specification = importlib.util.spec_from_file_location("serialization_record", HERE / "record.py")
record = importlib.util.module_from_spec(specification)
specification.loader.exec_module(record)
subjects = record.load_subjects()


def recorded(name):
    return json.loads((record.RECORDED / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", subjects.FLOWS)
def test_a_flow_has_the_document_it_has_in_1x(name):
    document = subjects.FLOWS[name]().serialize()

    assert record.as_recorded(document) == recorded(f"flow_{name}")


@pytest.mark.parametrize("name", subjects.STATES)
def test_a_state_has_the_document_it_has_in_1x(name):
    document = subjects.STATES[name]().serialize()

    assert record.as_recorded(document) == recorded("states")[name]


def test_every_recording_is_of_something():
    names = {path.stem for path in record.RECORDED.glob("*.json")}

    assert names == {"states", *(f"flow_{name}" for name in subjects.FLOWS)}
    assert recorded("states").keys() == subjects.STATES.keys()
