"""Documents of 1.4.1, and what becomes of them here and of ours there; see ``record_documents.py`` and ``read_documents_with_1x.py``.

Documents are compared without the ``__version__`` that every object carries.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from prefect.engine.state import State
from prefect.serialization import deserialize_flow

sys.path.insert(0, str(Path(__file__).parent))  # the scripts that record and write are no package

import document_deviations as deviations
import record_documents as record
import write_documents as write

FLOWS = record.load_subjects("documented").FLOWS
STATES = record.load_subjects("documented_states").STATES
PARTS = record.load_subjects("documented_parts").PARTS
OF_PARTS = [(part, name) for part, makers in PARTS.items() for name in makers]


def recorded(file, name=None):
    content = json.loads((record.RECORDED / f"{file}.json").read_text(encoding="utf-8"))
    return content if name is None else content[name]


# ---- ours are theirs -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FLOWS)
def test_a_flow_has_the_document_it_has_in_1x(name):
    document = record.as_json(FLOWS[name]().serialize())

    assert record.without_versions(document) == record.without_versions(recorded(f"flow_{name}"))


@pytest.mark.parametrize("name", STATES)
def test_a_state_has_the_document_it_has_in_1x(name):
    document = record.as_json(STATES[name]().serialize())

    assert record.without_versions(document) == record.without_versions(recorded("states", name))


@pytest.mark.parametrize(("part", "name"), OF_PARTS)
def test_a_part_of_a_flow_has_the_document_it_has_in_1x(part, name):
    document = record.document_of_part(part, PARTS[part][name]())

    expected = deviations.with_entries_of_ours(f"{part}s", name, recorded(f"{part}s", name))
    assert record.without_versions(document) == record.without_versions(expected)


# ---- theirs load here and come back ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FLOWS)
def test_a_flow_comes_back_from_its_1x_document(name):
    document = recorded(f"flow_{name}")

    again = record.as_json(deserialize_flow(document).serialize())

    assert record.without_versions(again) == record.without_versions(document)


@pytest.mark.parametrize("name", STATES)
def test_a_state_comes_back_from_its_1x_document(name):
    document = recorded("states", name)

    loaded = State.deserialize(document)

    again = record.without_versions(record.as_json(loaded.serialize()))
    assert again == deviations.expected("states", name, record.without_versions(document))
    assert type(loaded) is type(STATES[name]())


@pytest.mark.parametrize(("part", "name"), OF_PARTS)
def test_a_part_of_a_flow_comes_back_from_its_1x_document(part, name):
    document = recorded(f"{part}s", name)

    loaded = getattr(deserialize_flow({"name": "f", part: document}), part)

    again = record.document_of_part(part, loaded)
    assert record.without_versions(again) == record.without_versions(document)
    assert type(loaded) is type(PARTS[part][name]())


@pytest.mark.parametrize("name", FLOWS)
def test_a_flow_that_was_loaded_runs_as_in_1x(name):
    assert record.run(deserialize_flow(recorded(f"flow_{name}"))) == deviations.expected(
        "runs", name, recorded("runs", name)
    )


@pytest.mark.parametrize("name", PARTS["schedule"])
def test_a_schedule_that_was_loaded_comes_when_it_comes_in_1x(name):
    schedule = deserialize_flow({"name": "f", "schedule": recorded("schedules", name)}).schedule

    assert record.events(schedule) == deviations.expected("events", name, recorded("events", name))


# ---- ours are read there ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def written():
    return write.written()


def test_what_1x_was_given_to_read_is_what_is_written_now(written):
    assert record.without_versions(written) == record.without_versions(recorded("written"))


def test_1x_reads_what_is_written_here():
    outcomes = {
        (kind, name): outcome for kind, of_kind in recorded("read_by_1x").items() for name, outcome in of_kind.items()
    }

    assert {place: outcome for place, outcome in outcomes.items() if outcome != "the same"} == {
        place: outcome for place, (_, outcome) in deviations.READ_BY_1X.items()
    }


def test_1x_was_given_all_that_is_written(written):
    given = {(kind, name) for kind, of_kind in recorded("read_by_1x").items() for name in of_kind}

    assert given == {(kind, name) for kind, of_kind in written.items() for name in of_kind}


# ---- the recordings --------------------------------------------------------------------------------------------------


def test_every_recording_is_of_something():
    names = {path.stem for path in record.RECORDED.glob("*.json")}

    assert names == {
        *("states", "runs", "events", "written", "read_by_1x"),
        *(f"{part}s" for part in PARTS),
        *(f"flow_{name}" for name in FLOWS),
    }
    assert recorded("states").keys() == STATES.keys()
    assert recorded("runs").keys() == FLOWS.keys()
    assert recorded("events").keys() == PARTS["schedule"].keys()
    assert {part: recorded(f"{part}s").keys() for part in PARTS} == {part: PARTS[part].keys() for part in PARTS}
