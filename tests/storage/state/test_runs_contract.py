"""What flow runs promise, on real files and in memory."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import FAR, FARTHER, FINISHED, FLOW, GROUP, LONG_AGO, SUBMITTED, a_run, state

from prefect.storage.state import layout
from prefect.storage.state.errors import Conflict, Corrupt, NotFound, UnsupportedFormat
from prefect.storage.state.journal import encoded
from prefect.storage.state.locks import Busy
from prefect.storage.state.memory import MemorySystem
from prefect.storage.state.store import Store

UNKNOWN = "018f86c9-d443-7c3e-9d02-6f1b2a400000"
KEY = "every-morning"
ODD_NAMES = [
    "a/b",
    "..",
    ".",
    "",
    "a\0b",
    "🦦",
    "x" * 4096,
    "CON",
    "nul.txt",
    "Otter",
    "otter",
    " otter",
    "\ud800",
    "a\nb",
    "~",
]


def queued(store: Any) -> list[str]:
    return [entry.run_id for entry in store.runs.due(None, FARTHER)]


def cut_off(store: Any, id: str, size: int) -> None:
    fd = store.system.open(store.layout.run(id))
    store.system.truncate(fd, size)
    store.system.close(fd)


def rewrite(store: Any, birth: dict[str, Any]) -> None:
    cut_off(store, birth["id"], 0)
    store.files.append_stream(store.layout.run(birth["id"]), encoded(birth))


# ---- creating --------------------------------------------------------------------------------------------------------


def test_a_new_run_is_complete(store):
    run, is_new = store.runs.create(a_run(labels=["b", "a"], due=FAR, parameters={"x": 1}))

    assert is_new
    assert run == {
        "format": 1,
        "v": 1,
        "at": run["created"],
        "id": run["id"],
        "created": run["created"],
        "name": "fast-otter",
        "flow_id": FLOW,
        "flow_group_id": GROUP,
        "labels": ["a", "b"],
        "due": FAR,
        "live": False,
        "idempotency_key": None,
        "parameters": {"x": 1},
    }
    assert store.runs.get(run["id"]) == run


def test_the_id_of_a_run_says_where_it_is(store):
    run, _ = store.runs.create(a_run())

    assert layout.is_run_id(run["id"])
    assert (
        store.layout.run(run["id"])
        == f"{store.root}/runs/{run['created'][:10]}/{run['created'][11:13]}/{run['id']}.jsonl"
    )


def test_a_run_is_never_due_in_the_past(store):
    run, _ = store.runs.create(a_run(due=LONG_AGO))

    assert run["due"] == run["created"]


def test_a_run_that_is_not_due_is_in_no_queue(store):
    store.runs.create(a_run(due=None))

    assert queued(store) == []


@pytest.mark.parametrize("name", ODD_NAMES, ids=ascii)
def test_any_name_can_be_given_and_looked_up(store, name: str):
    others = [store.runs.create(a_run(other))[0] for other in ("otter!", "OTTER")]
    run, _ = store.runs.create(a_run(name))

    assert store.runs.get(run["id"])["name"] == name
    assert store.runs.named(name) == [run]
    assert list(store.runs.newest()) == sorted([run, *others], key=lambda found: found["id"], reverse=True)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_any_json_value_comes_back_as_it_went(value: Any):
    runs = Store("/store", system=MemorySystem()).runs
    run, _ = runs.create(a_run(parameters=value))
    runs.update(run["id"], {"state": value})

    found = runs.get(run["id"])
    assert (found["parameters"], found["state"]) == (value, value)
    assert str(found["parameters"]) == str(value)  # 1, 1.0 and True are equal


@pytest.mark.parametrize(
    "fields",
    [{"parameters": math.nan}, {"parameters": {1, 2}}, {"flow_group_id": "../../etc"}, {"due": "2099-01-01"}],
    ids=str,
)
@pytest.mark.parametrize("key", [None, KEY])
def test_a_run_that_cannot_be_written_leaves_nothing_behind(store, key: str | None, fields: dict[str, Any]):
    with pytest.raises((ValueError, TypeError)):
        store.runs.create(a_run(idempotency_key=key, **fields))

    assert list(store.runs.newest_ids()) == []
    assert queued(store) == []
    assert store.runs.create(a_run(idempotency_key=key))[1]


def test_a_run_of_which_every_record_is_larger_than_is_read_at_once(store):
    run, _ = store.runs.create(a_run(parameters="x" * 1_000_000))
    for number in range(3):
        run = store.runs.update(run["id"], {"state": str(number) * 300_000})

    assert store.runs.get(run["id"]) == run
    assert [line["v"] for line in store.runs.history(run["id"])] == [1, 2, 3, 4]


# ---- idempotency keys ------------------------------------------------------------------------------------------------


def test_a_key_leads_to_the_run_it_was_first_used_for(store):
    run, _ = store.runs.create(a_run(idempotency_key=KEY, parameters=1))

    assert store.runs.create(a_run(idempotency_key=KEY, parameters=2)) == (run, False)
    assert queued(store) == [run["id"]]


def test_a_key_belongs_to_its_flow(store):
    first, _ = store.runs.create(a_run(idempotency_key=KEY))
    second, is_new = store.runs.create(a_run(idempotency_key=KEY, flow_id=layout.new_flow_id()))

    assert is_new
    assert first["id"] != second["id"]


def test_a_key_is_free_again_when_its_run_was_deleted(store):
    first, _ = store.runs.create(a_run(idempotency_key=KEY))
    store.runs.delete(first["id"])

    second, is_new = store.runs.create(a_run(idempotency_key=KEY))

    assert is_new
    assert first["id"] != second["id"]


def test_a_run_whose_creator_died_behind_the_key_is_born_under_the_id_it_was_to_have(store):
    run, _ = store.runs.create(a_run(idempotency_key=KEY))
    store.system.unlink(store.layout.run(run["id"]))

    again, is_new = store.runs.create(a_run(idempotency_key=KEY))

    assert is_new
    assert again["id"] == run["id"]


def test_deleting_a_run_leaves_the_key_to_the_run_that_has_it_now(store):
    first, _ = store.runs.create(a_run(idempotency_key=KEY))
    store.system.unlink(store.layout.key(FLOW, KEY))
    second, _ = store.runs.create(a_run(idempotency_key=KEY))

    store.runs.delete(first["id"])

    assert store.runs.create(a_run(idempotency_key=KEY)) == (second, False)


# ---- changing --------------------------------------------------------------------------------------------------------


def test_a_change_makes_a_new_version_of_all_that_can_change(store):
    run, _ = store.runs.create(a_run(due=FAR, parameters=1))

    changed = store.runs.update(run["id"], state("Cancelled"))

    assert changed == {**run, **state("Cancelled"), "v": 2, "at": changed["at"]}
    assert store.runs.history(run["id"])[1] == {
        "v": 2,
        "at": changed["at"],
        "live": False,
        "name": "fast-otter",
        "labels": [],
        "due": FAR,
        **state("Cancelled"),
    }


def test_a_change_can_be_a_function_of_the_value(store):
    run, _ = store.runs.create(a_run(count=1))

    assert store.runs.update(run["id"], lambda now: {"count": now["count"] + 1})["count"] == 2


def test_a_field_is_cleared_by_null(store):
    run, _ = store.runs.create(a_run(agent_id="x"))

    store.runs.update(run["id"], {"agent_id": None})

    assert store.runs.get(run["id"])["agent_id"] is None


def test_a_field_of_the_birth_cannot_change(store):
    run, _ = store.runs.create(a_run(parameters=1))

    with pytest.raises(ValueError, match="cannot change in parameters"):
        store.runs.update(run["id"], {"parameters": 2})

    assert store.runs.get(run["id"]) == run


def test_a_run_is_deleted_only_if_it_passes_the_check(store):
    run, _ = store.runs.create(a_run(idempotency_key="K"))

    with pytest.raises(Conflict) as caught:
        store.runs.delete(run["id"], check=lambda current: current["live"])

    assert caught.value.current == run
    assert store.runs.create(a_run(idempotency_key="K")) == (run, False)


def test_a_change_that_expects_another_version_is_refused_with_the_value(store):
    run, _ = store.runs.create(a_run())
    changed = store.runs.update(run["id"], state("Pending"), expect=1)

    with pytest.raises(Conflict) as caught:
        store.runs.update(run["id"], state("Cancelled"), expect=1)

    assert caught.value.current == changed
    assert str(caught.value) == f"The flow run {run['id']} has changed meanwhile. Look at it again, then decide."


def test_a_change_whose_check_fails_is_refused_with_the_value(store):
    run, _ = store.runs.create(a_run())

    with pytest.raises(Conflict) as caught:
        store.runs.update(run["id"], state("Cancelled"), check=lambda now: now["live"])

    assert caught.value.current == run


def test_a_function_that_raises_changes_nothing_and_lets_go_of_the_run(store):
    run, _ = store.runs.create(a_run())

    with pytest.raises(ZeroDivisionError):
        store.runs.update(run["id"], lambda _: 1 // 0)

    assert store.runs.get(run["id"]) == run
    assert store.runs.update(run["id"], state("Cancelled"), waits=False)["v"] == 2


def test_a_run_that_somebody_is_changing_is_busy(store):
    run, _ = store.runs.create(a_run())

    with store.files.locked(store.layout.run(run["id"])), pytest.raises(Busy):
        store.runs.update(run["id"], state("Cancelled"), waits=False)


def test_time_never_goes_back_inside_a_record(store):
    run, _ = store.runs.create(a_run())
    rewrite(store, {**run, "at": FAR})

    assert store.runs.update(run["id"], state("Cancelled"))["at"] == FAR


@pytest.mark.parametrize("id", [UNKNOWN, "nonsense", "../../etc/passwd", UNKNOWN.upper()])
@pytest.mark.parametrize("operation", ["get", "history", "update", "delete"])
def test_what_is_not_there_is_not_found(store, operation: str, id: str):
    with pytest.raises(NotFound) as caught:
        getattr(store.runs, operation)(id, *([{}] if operation == "update" else []))

    assert str(caught.value) == f"There is no flow run {id!r} in the store. Check the id, or list what there is."


# ---- the queue -------------------------------------------------------------------------------------------------------


def test_runs_are_claimed_in_the_order_they_are_due(store):
    runs = {}
    for name in ("first", "second", "third"):
        runs[name], _ = store.runs.create(a_run(name))
        store.system.sleep(0.002)

    claimed = store.runs.claim([], SUBMITTED, limit=2)

    assert [run["name"] for run in claimed] == ["first", "second"]
    assert queued(store) == [runs["third"]["id"]]


def test_a_claimed_run_is_active_and_in_no_queue(store):
    run, _ = store.runs.create(a_run())

    claimed = store.runs.claim([], SUBMITTED)

    assert claimed == [{**run, **SUBMITTED, "v": 2, "at": claimed[0]["at"], "due": None, "live": True}]
    assert queued(store) == []
    assert store.runs.active() == [run["id"]]
    assert store.runs.claim([], SUBMITTED) == []


def test_nothing_is_claimed_before_it_is_due(store):
    run, _ = store.runs.create(a_run(due=FAR))

    assert store.runs.claim([], SUBMITTED) == []
    assert [found["id"] for found in store.runs.claim([], SUBMITTED, at=FARTHER)] == [run["id"]]


def test_a_claim_of_none_takes_none(store):
    store.runs.create(a_run())

    assert store.runs.claim([], SUBMITTED, limit=0) == []


@pytest.mark.parametrize(
    ("run", "agent", "fits"),
    [
        ([], [], True),
        ([], ["a"], False),
        (["a"], [], False),
        (["a"], ["a"], True),
        (["a"], ["a", "b"], True),
        (["a", "b"], ["a"], False),
        (["A"], ["a"], False),
        (["a+b"], ["a", "b"], False),
        (["a/b", "é", "_", ""], ["a/b", "é", "_", "", "more"], True),
        (["x" * 150, "y" * 150], ["x" * 150, "y" * 150, "z"], True),
        (["x" * 150, "y" * 150], ["x" * 150], False),
        (["a"], None, True),
        ([], None, True),
    ],
)
def test_an_agent_takes_runs_whose_labels_it_has_all_of(store, run: list[str], agent: list[str] | None, fits: bool):
    store.runs.create(a_run(labels=run))

    assert bool(store.runs.claim(agent, SUBMITTED)) is fits


def test_a_run_that_the_caller_does_not_want_stays_in_the_queue(store):
    run, _ = store.runs.create(a_run())

    assert store.runs.claim([], SUBMITTED, check=lambda _: False) == []
    assert queued(store) == [run["id"]]


def test_a_rescheduled_run_is_due_at_its_new_time_only(store):
    run, _ = store.runs.create(a_run())

    store.runs.update(run["id"], {"due": FAR})

    assert store.runs.claim([], SUBMITTED) == []
    assert [entry.due for entry in store.runs.due([], FARTHER)] == ["20990101T000000.000"]


def test_a_run_with_new_labels_is_found_under_them(store):
    run, _ = store.runs.create(a_run(labels=["cpu"]))

    store.runs.update(run["id"], {"labels": ["gpu", "fast"]})

    assert [found["id"] for found in store.runs.claim(["fast", "gpu"], SUBMITTED)] == [run["id"]]
    assert queued(store) == []


def test_a_marker_that_its_run_does_not_want_is_removed_by_whoever_meets_it(store):
    run, _ = store.runs.create(a_run(due=FAR))
    superfluous = store.layout.queued([], "2024-05-17T13:45:00.000000+00:00", run["id"])
    orphaned = store.layout.queued([], "2024-05-17T13:45:00.000000+00:00", layout.new_run_id(1_700_000_000_000))
    for marker in (superfluous, orphaned):
        store.files.mark(marker, durable=False)

    assert store.runs.claim([], SUBMITTED) == []

    assert queued(store) == [run["id"]]
    assert list(store.runs.newest()) == [run]


def test_a_birth_that_was_never_finished_is_removed_with_its_marker(store):
    run, _ = store.runs.create(a_run())
    cut_off(store, run["id"], 10)

    assert store.runs.claim([], SUBMITTED) == []

    assert queued(store) == []
    assert list(store.runs.newest_ids()) == []


def test_a_damaged_run_does_not_stop_the_others(store, caplog: pytest.LogCaptureFixture):
    damaged, _ = store.runs.create(a_run())
    store.files.append_stream(store.layout.run(damaged["id"]), b"rubbish\n")
    store.system.sleep(0.002)
    run, _ = store.runs.create(a_run())

    assert [found["id"] for found in store.runs.claim([], SUBMITTED)] == [run["id"]]
    assert f"{damaged['id']}.jsonl, line 2, is damaged: it is not JSON" in caplog.text


def test_what_is_not_ours_in_the_queue_is_left_alone(store):
    run, _ = store.runs.create(a_run())
    strange = [
        f"{store.root}/queue/.DS_Store",
        f"{store.root}/queue/_/.DS_Store",
        f"{store.root}/queue/_/20240517T1345/.DS_Store",
        f"{store.root}/queue/_/20240517T1345/20240517T134500.000~{layout.new_id()}",
        f"{store.root}/queue/%ff/20240517T1345/nothing",
    ]
    for path in strange:
        store.files.mark(path, durable=False)

    assert [found["id"] for found in store.runs.claim([], SUBMITTED)] == [run["id"]]
    assert all(map(store.system.exists, strange))


def test_an_empty_minute_is_removed_when_it_is_an_hour_old(store):
    run, _ = store.runs.create(a_run(due=None))
    minutes = [store.layout.queued([], due, run["id"]).rpartition("/")[0] for due in (LONG_AGO, run["created"])]
    for minute in minutes:
        store.files.make_directories(minute)

    assert list(store.runs.due([])) == []

    assert [store.system.exists(minute) for minute in minutes] == [False, True]


# ---- runs that are being executed ------------------------------------------------------------------------------------


def test_a_run_is_held_while_somebody_executes_it(store):
    run, _ = store.runs.create(a_run())
    store.runs.claim([], SUBMITTED)
    assert not store.runs.is_held(run["id"])

    with store.runs.hold(run["id"]):
        assert store.runs.is_held(run["id"])

    assert not store.runs.is_held(run["id"])


def test_a_run_is_executed_by_one_process_only(store):
    run, _ = store.runs.create(a_run())

    with store.runs.hold(run["id"]), pytest.raises(Busy), store.runs.hold(run["id"]):
        pass


def test_a_look_whether_a_run_is_held_does_not_keep_it_from_being_held_however_long_it_takes():
    class LookedAt(MemorySystem):
        looks = 0

        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            if self.monotonic() > 10:
                self.unlock(self.looks)

    system = LookedAt()
    runs = Store("/store", system=system).runs
    run, _ = runs.create(a_run())
    runs.claim([], SUBMITTED)
    system.looks = system.open(runs.layout.active(run["id"]))
    system.try_lock(system.looks, shared=True)

    with runs.hold(run["id"]):
        assert runs.is_held(run["id"])


def test_those_who_look_whether_a_run_is_held_do_not_see_each_other(store):
    run, _ = store.runs.create(a_run())
    store.runs.claim([], SUBMITTED)
    with store.files.locked(store.layout.active(run["id"]), shared=True):
        assert not store.runs.is_held(run["id"])


def test_a_finished_run_is_not_active(store):
    run, _ = store.runs.create(a_run())
    store.runs.claim([], SUBMITTED)

    with store.runs.hold(run["id"]):
        store.runs.update(run["id"], FINISHED)

    assert store.runs.active() == []
    assert not store.runs.is_held(run["id"])
    assert store.runs.last_heartbeat(run["id"]) is None


def test_a_heartbeat_shows_when_the_run_was_last_executed(store):
    run, _ = store.runs.create(a_run())
    store.runs.claim([], SUBMITTED)
    before = store.runs.last_heartbeat(run["id"])
    store.system.sleep(60)

    store.runs.heartbeat(run["id"])

    assert store.runs.last_heartbeat(run["id"]) > before


def test_the_heartbeat_of_a_run_that_is_not_executed_is_nothing(store):
    run, _ = store.runs.create(a_run())

    store.runs.heartbeat(run["id"])

    assert store.runs.active() == []


# ---- lists -----------------------------------------------------------------------------------------------------------


def test_lists_begin_with_the_newest(store):
    runs = []
    for _ in range(3):
        runs.insert(0, store.runs.create(a_run())[0])
        store.system.sleep(0.002)

    assert list(store.runs.newest()) == runs
    assert list(store.runs.of_group(GROUP)) == runs
    assert store.runs.named("fast-otter") == runs
    assert list(store.runs.names()) == ["fast-otter"]


def test_a_renamed_run_is_found_by_its_new_name_only(store):
    run, _ = store.runs.create(a_run("old"))

    renamed = store.runs.update(run["id"], {"name": "new"})

    assert store.runs.named("old") == []
    assert store.runs.named("new") == [renamed]


def test_an_empty_store_has_empty_lists(store):
    assert list(store.runs.newest()) == []
    assert list(store.runs.of_group(GROUP)) == []
    assert store.runs.named("fast-otter") == []
    assert store.runs.active() == []
    assert queued(store) == []


def test_a_damaged_run_is_left_out_of_lists_with_one_warning(store, caplog: pytest.LogCaptureFixture):
    damaged, _ = store.runs.create(a_run())
    run, _ = store.runs.create(a_run())
    store.files.append_stream(store.layout.run(damaged["id"]), b"rubbish\n")

    assert list(store.runs.newest()) == [run]
    assert list(store.runs.of_group(GROUP)) == [run]
    assert caplog.text.count("is damaged") == 1
    with pytest.raises(Corrupt):
        store.runs.get(damaged["id"])


def test_a_run_of_a_newer_format_is_refused(store):
    run, _ = store.runs.create(a_run())
    rewrite(store, {**run, "format": 2})

    with pytest.raises(UnsupportedFormat) as caught:
        store.runs.get(run["id"])

    assert str(caught.value) == (
        f"The file {store.layout.run(run['id'])} has format 2, and this version knows formats up to 1."
        " Install the version that wrote it, or a newer one."
    )


# ---- deleting --------------------------------------------------------------------------------------------------------


def test_a_deleted_run_is_gone_with_all_that_belongs_to_it(store):
    run, _ = store.runs.create(a_run(idempotency_key=KEY))
    for path in (store.layout.tasks(run["id"]), store.layout.log(run["id"])):
        store.files.append_stream(path, b"{}\n")

    store.runs.delete(run["id"])

    assert list(store.runs.newest_ids()) == []
    assert queued(store) == []
    assert store.runs.named("fast-otter") == []
    assert list(store.runs.of_group(GROUP)) == []
    for path in (store.layout.tasks(run["id"]), store.layout.log(run["id"]), store.layout.key(FLOW, KEY)):
        assert not store.system.exists(path)


def test_what_is_deleted_while_somebody_waits_for_it_is_not_found():
    class DeletedMeanwhile(MemorySystem):
        lock = 0

        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            self.unlink(path)
            self.unlock(self.lock)

    system = DeletedMeanwhile()
    runs = Store("/store", system=system).runs
    run, _ = runs.create(a_run())
    path = runs.layout.run(run["id"])
    system.lock = system.open(path)
    system.try_lock(system.lock)

    with pytest.raises(NotFound):
        runs.update(run["id"], state("Cancelled"))


# ---- markers ---------------------------------------------------------------------------------------------------------


def test_missing_markers_are_made_again(store):
    run, _ = store.runs.create(a_run())
    for entry in list(store.runs.due(None)):
        store.system.unlink(entry.path)
    store.system.unlink(store.layout.named("fast-otter") + run["id"])

    assert store.runs.remark(run["id"])
    assert not store.runs.remark(run["id"])
    assert queued(store) == [run["id"]]
    assert store.runs.named("fast-otter") == [run]


def test_a_missing_name_is_made_again_by_the_next_change(store):
    run, _ = store.runs.create(a_run())
    store.system.unlink(store.layout.named("fast-otter") + run["id"])

    changed = store.runs.update(run["id"], state("Pending"))

    assert store.runs.named("fast-otter") == [changed]
