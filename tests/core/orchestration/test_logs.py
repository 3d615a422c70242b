"""Logs of flow runs."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from prefect.orchestration.flow_runs import create_flow_run
from prefect.orchestration.logs import get_logs, write_logs
from prefect.storage.state.layout import member, new_run_id

NOW = "2024-05-17T12:00:30.000000+00:00"


@pytest.fixture
def store(clocked_store):
    return clocked_store


@pytest.fixture
def run_id(store, register):
    return create_flow_run(store, flow_id=register(store))[0]["id"]


def messages(store, run_id, **span) -> list[str]:
    return [line["message"] for line in get_logs(store, run_id, **span)]


def test_a_line_is_kept_as_it_came(store, run_id):
    task_run_id = member(run_id, 1)
    line = {
        "timestamp": "2024-05-17T12:00:00.000001+00:00",
        "level": "WARNING",
        "name": "prefect.load",
        "task_run_id": task_run_id,
        "message": "Careful.",
        "info": {"a": 1},
    }

    write_logs(store, [{"flow_run_id": run_id, **line}])

    assert get_logs(store, run_id) == [line]


def test_a_message_is_enough(store, run_id):
    write_logs(store, {"flow_run_id": run_id, "message": "Hello."})

    assert get_logs(store, run_id) == [
        {"timestamp": NOW, "level": "INFO", "name": None, "task_run_id": None, "message": "Hello."}
    ]


def test_lines_are_read_in_the_order_of_their_times(store, run_id):
    for second in (3, 1, 2):
        write_logs(
            store, [{"flow_run_id": run_id, "message": str(second), "timestamp": f"2024-05-17T12:00:0{second}Z"}]
        )

    assert messages(store, run_id) == ["1", "2", "3"]


def test_lines_of_one_time_stay_in_their_order(store, run_id):
    write_logs(store, [{"flow_run_id": run_id, "message": message, "timestamp": NOW} for message in "cab"])

    assert messages(store, run_id) == ["c", "a", "b"]


def test_a_span_excludes_its_start_and_includes_its_end(store, run_id):
    write_logs(
        store,
        [
            {"flow_run_id": run_id, "message": str(second), "timestamp": f"2024-05-17T12:00:0{second}Z"}
            for second in range(4)
        ],
    )

    start = datetime(2024, 5, 17, 12, 0, 0, tzinfo=timezone.utc)
    assert messages(store, run_id, start=start, end="2024-05-17T12:00:02Z") == ["1", "2"]


def test_lines_of_several_runs_are_each_written_once(store, register, run_id, monkeypatch):
    other = create_flow_run(store, flow_id=register(store, "other"))[0]["id"]
    writes = []
    append = store.logs.append
    monkeypatch.setattr(
        store.logs, "append", lambda id, *args, **kwargs: (append(id, *args, **kwargs), writes.append(id))
    )

    write_logs(store, [{"flow_run_id": id, "message": str(n)} for n in range(2) for id in (run_id, other)])

    assert writes == [run_id, other]
    assert (messages(store, run_id), messages(store, other)) == (["0", "1"], ["0", "1"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"level": "LOUD"},
        {"message": None},
        {"message": 1},
        {"timestamp": "yesterday"},
        {"timestamp": 1},
        {"flow_run_id": "no id"},
        {"flow_run_id": None},
        {"flow_run_id": new_run_id(0)},
        {"task_run_id": "no id"},
        {"task_run_id": member(new_run_id(0), 1)},
    ],
)
def test_lines_that_make_no_sense_are_left_out(store, run_id, wrong):
    good = {"flow_run_id": run_id, "message": "good"}

    write_logs(store, [good, {**good, "message": "bad", **wrong}, good])

    assert messages(store, run_id) == ["good", "good"]


def test_a_run_without_a_log_has_no_lines(store, run_id):
    assert get_logs(store, run_id) == []
