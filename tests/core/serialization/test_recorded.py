"""Documents agree with those of 1.4.1; see ``record.py``."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from prefect.serialization import deserialize_flow

HERE = Path(__file__).parent

specification = importlib.util.spec_from_file_location("serialization_record", HERE / "record.py")
record = importlib.util.module_from_spec(specification)
specification.loader.exec_module(record)
subjects = record.load_subjects()
parts = record.load_subjects("documented_parts").PARTS


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


@pytest.mark.parametrize(("part", "name"), [(part, name) for part, makers in parts.items() for name in makers])
def test_a_part_of_a_flow_has_the_document_it_has_in_1x(part, name):
    document = record.document_of_part(part, parts[part][name]())

    assert record.as_recorded(document) == recorded(f"{part}s")[name]


@pytest.mark.parametrize(("part", "name"), [(part, name) for part, makers in parts.items() for name in makers])
def test_a_part_of_a_flow_comes_back_from_its_1x_document(part, name):
    document = {**recorded(f"{part}s")[name], "__version__": "1.4.1"}

    loaded = getattr(deserialize_flow({"name": "f", part: document}), part)

    assert type(loaded).__name__ == type(parts[part][name]()).__name__
    assert {**record.as_recorded(record.document_of_part(part, loaded)), "__version__": "1.4.1"} == document


def test_every_recording_is_of_something():
    names = {path.stem for path in record.RECORDED.glob("*.json")}

    assert names == {"states", *(f"{part}s" for part in parts), *(f"flow_{name}" for name in subjects.FLOWS)}
    assert recorded("states").keys() == subjects.STATES.keys()
    assert {part: recorded(f"{part}s").keys() for part in parts} == {part: parts[part].keys() for part in parts}
