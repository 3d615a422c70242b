"""Eight processes at once, on documents, task runs, slots, logs and leases: one winner, nothing lost or mixed."""

from __future__ import annotations

from collections import Counter
from typing import Any

from samples import a_run
from workers import Report, all_reports

from prefect.storage.state import layout
from prefect.storage.state.errors import Conflict
from prefect.storage.state.store import Store


def another(store: Store) -> Store:
    """Return the same store as another process opens it."""
    return Store(store.root, durability="process")


def test_one_name_is_had_by_one_document(disk: Store):
    def work(number: int, report: Report) -> None:
        projects = another(disk).documents("projects")
        for name in range(20):
            try:
                project = projects.create(f"project {name}", {"by": number})
            except Conflict as error:
                report("lost", name, error.current["by"])
            else:
                report("won", name, project["by"])

    reports = [said for _, said in all_reports(work)]

    winners = {name: by for what, name, by in reports if what == "won"}
    assert Counter(what for what, _, _ in reports) == {"won": 20, "lost": 140}
    assert {f"project {name}": by for name, by in winners.items()} == {
        project["name"]: project["by"] for project in disk.documents("projects").all()
    }
    assert all(winners[name] == by for what, name, by in reports if what == "lost")


def test_documents_are_never_seen_half_and_no_change_is_lost(disk: Store):
    counter = disk.documents("kv").put("counter", {"value": 0, "rest": ""})

    def work(number: int, report: Report) -> None:
        values = another(disk).documents("kv")
        seen = 0
        for _ in range(50):
            found = values.named("counter")
            assert found is not None
            assert found["value"] >= seen
            assert found["rest"] == "x" * found["value"]
            seen = found["value"]
            values.update(counter["id"], lambda now: {"value": now["value"] + 1, "rest": now["rest"] + "x"})

    all_reports(work)

    assert disk.documents("kv").get(counter["id"])["value"] == 400


def test_a_document_is_found_while_it_is_renamed(disk: Store):
    project = disk.documents("projects").create("name 0", {})

    def work(number: int, report: Report) -> None:
        projects = another(disk).documents("projects")
        for turn in range(50):
            if number < 2:
                projects.update(project["id"], {}, name=f"name {number} {turn}")
            else:
                assert projects.get(project["id"])["id"] == project["id"]
                assert [found["id"] for found in projects.all()] == [project["id"]]

    all_reports(work)


def test_a_mapped_task_has_one_task_run_for_each_index(disk: Store):
    run, _ = disk.runs.create(a_run())

    def work(number: int, report: Report) -> None:
        members = another(disk).members
        for index in range(50):
            child = members.create(run["id"], {"task": "load", "map_index": index}, after=3)
            report(index, child["id"])

    created = {(index, id) for _, (index, id) in all_reports(work)}

    assert len(created) == 50
    assert sorted(layout.number_of(id) for _, id in created) == list(range(4, 54))


def test_changes_of_task_runs_all_count(disk: Store):
    run, _ = disk.runs.create(a_run())
    births: list[dict[str, Any]] = [
        {"id": layout.member(run["id"], n), "task": str(n), "map_index": -1} for n in (1, 2)
    ]

    def work(number: int, report: Report) -> None:
        members = another(disk).members
        for _ in range(50):
            for birth in births:
                members.update(birth["id"], lambda now: {"count": now.get("count", 0) + 1}, birth=birth)

    all_reports(work)

    assert [(found["count"], found["v"]) for found in disk.members.all(run["id"]).values()] == [(400, 400), (400, 400)]


def test_no_more_slots_are_taken_than_there_are(disk: Store):
    limit = layout.new_id()

    def work(number: int, report: Report) -> None:
        slots, holder = another(disk).slots, layout.new_id()
        for _ in range(100):
            if slots.take(limit, holder, 3, lambda _: False):
                report(len(slots.holders(limit)))
                slots.release(limit, holder)

    in_use = [said[0] for _, said in all_reports(work)]

    assert max(in_use) <= 3
    assert disk.slots.holders(limit) == []


def test_lines_of_logs_are_all_there_and_in_order_for_each_writer(disk: Store):
    run, _ = disk.runs.create(a_run())

    def work(number: int, report: Report) -> None:
        logs = another(disk).logs
        for turn in range(100):
            logs.append(run["id"], [{"by": number, "turn": turn, "part": part} for part in range(3)])

    all_reports(work)

    lines = disk.logs.read(run["id"])
    assert len(lines) == 8 * 100 * 3
    for number in range(8):
        own = [(line["turn"], line["part"]) for line in lines if line["by"] == number]
        assert own == [(turn, part) for turn in range(100) for part in range(3)]


def test_one_process_has_a_lease(disk: Store):
    def work(number: int, report: Report) -> None:
        store = another(disk)
        for turn in range(50):
            with store.lease("services") as is_ours:
                if is_ours:
                    # Whoever else believed to have it would find this name taken.
                    held = store.documents("messages").create("held", {})
                    store.documents("messages").delete(held["id"])
                    report(turn)

    assert all_reports(work)
