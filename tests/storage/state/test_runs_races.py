"""Eight processes at once: of all that want the same, one gets it, and nothing gets lost or mixed."""

from __future__ import annotations

from collections import Counter
from itertools import count
from pathlib import Path
from typing import Any

from samples import FAR, FINISHED, SUBMITTED, a_run
from workers import Crew, Report, all_reports

from prefect.storage.state.errors import Conflict, NotFound
from prefect.storage.state.store import Store
from prefect.storage.state.system import System


def another(store: Any, system: System | None = None) -> Any:
    """Return the same store as another process opens it."""
    return Store(store.root, system=system or System(), durability="process")


def test_each_run_is_claimed_once(disk):
    ids = {disk.runs.create(a_run(labels=["gpu"]))[0]["id"] for _ in range(2000)}

    def work(number: int, report: Report) -> None:
        runs = another(disk).runs
        while claimed := runs.claim(["gpu"], {**SUBMITTED, "agent_id": number}, limit=5):
            report(*[run["id"] for run in claimed])

    claimed = [id for _, said in all_reports(work) for id in said]

    # The last to find nothing may still have found others busy: a look later there is nothing left.
    claimed += [run["id"] for run in disk.runs.claim(["gpu"], SUBMITTED, limit=2000)]
    assert len(claimed) == len(set(claimed))
    assert set(claimed) == ids
    assert set(disk.runs.active()) == ids
    assert list(disk.runs.due(None, FAR)) == []


def test_one_key_makes_one_run(disk):
    def work(number: int, report: Report) -> None:
        runs = another(disk).runs
        for key in range(50):
            run, is_new = runs.create(a_run(idempotency_key=str(key)))
            report(key, run["id"], is_new)

    reports = [said for _, said in all_reports(work)]

    assert Counter(key for key, _, is_new in reports if is_new) == dict.fromkeys(range(50), 1)
    assert len({(key, id) for key, id, _ in reports}) == 50
    assert len(list(disk.runs.newest())) == 50


def test_of_changes_that_expect_the_same_version_one_wins(disk):
    run, _ = disk.runs.create(a_run())

    def work(number: int, report: Report) -> None:
        runs = another(disk).runs
        for _ in range(100):
            now = runs.get(run["id"])
            try:
                runs.update(run["id"], {"by": number}, expect=now["v"])
            except Conflict:
                continue
            report(now["v"] + 1)

    won = [(said[0], number) for number, said in all_reports(work)]

    assert sorted(won) == [(line["v"], line["by"]) for line in disk.runs.history(run["id"])[1:]]
    assert [version for version, _ in sorted(won)] == list(range(2, len(won) + 2))


def test_changes_that_are_functions_of_the_value_all_count(disk):
    run, _ = disk.runs.create(a_run(count=0))

    def work(number: int, report: Report) -> None:
        runs = another(disk).runs
        for _ in range(100):
            runs.update(run["id"], lambda now: {"count": now["count"] + 1})

    all_reports(work)

    assert disk.runs.get(run["id"])["count"] == 800


def test_lines_of_streams_do_not_mix(disk):
    path = f"{disk.root}/logs/2024-05-17/13/shared.jsonl"
    sizes = [100, 1000, 10_000, 100_000, 1_000_000]

    def work(number: int, report: Report) -> None:
        files = another(disk).files
        for size in sizes * 2:
            files.append_stream(path, bytes([ord("a") + number]) * size + b"\n")

    all_reports(work)

    # Who finds a long line half written begins with a newline, so there may be empty lines.
    lines = list(filter(None, Path(path).read_bytes().split(b"\n")))
    assert Counter((line[:1], len(line)) for line in lines if set(line) == {line[0]}) == {
        (bytes([ord("a") + number]), size): 2 for number in range(8) for size in sizes
    }


def test_deleting_a_run_and_creating_it_by_its_key_again(disk):
    """A run that was created and that nobody deleted is there; at no time does a key lead to nothing."""

    def work(number: int, report: Report) -> None:
        runs = another(disk).runs
        for _ in range(100):
            run, is_new = runs.create(a_run(idempotency_key="shared"))
            if is_new:
                report("created", run["id"])
            if number % 2:
                try:
                    runs.delete(run["id"])
                except NotFound:
                    continue
                report("deleted", run["id"])

    reports = [tuple(said) for _, said in all_reports(work)]

    created, deleted = ([id for what, id in reports if what == wanted] for wanted in ("created", "deleted"))
    left = [run["id"] for run in disk.runs.newest()]
    assert len(set(created)) == len(created)
    assert len(set(deleted)) == len(deleted)
    assert sorted(created) == sorted(deleted + left)
    assert len(left) <= 1
    assert [entry.run_id for entry in disk.runs.due(None, FAR)] == left
    assert disk.runs.create(a_run(idempotency_key="shared"))[1] == (not left)


class TwoHoursAhead(System):
    """A computer whose clock is wrong, so that minutes are old while runs are put into them."""

    def milliseconds(self) -> int:
        return super().milliseconds() + 2 * 60 * 60 * 1000


def test_removing_empty_minutes_does_not_lose_runs(disk):
    def work(number: int, report: Report) -> None:
        if number < 4:
            runs = another(disk).runs
            for _ in range(150):
                run, _ = runs.create(a_run())
                if run["id"] not in [entry.run_id for entry in runs.due(None, FAR)]:
                    report("lost", run["id"])
                runs.update(run["id"], FINISHED)
            report("done")
        else:
            runs = another(disk, TwoHoursAhead()).runs
            for _ in count():
                list(runs.due(None, FAR))

    busy = 4
    with Crew(work, 8) as crew:
        for worker, said in crew.reports():
            assert said == ["done"], f"worker {worker.number}"
            busy -= 1
            if not busy:
                break

    assert list(disk.runs.due(None, FAR)) == []


def test_a_marker_is_healed_while_its_run_is_born(disk):
    """Whoever meets the marker of a birth under way does not take it away from the run that is being born."""

    def work(number: int, report: Report) -> None:
        runs = another(disk).runs
        if number < 4:
            for name in range(60):
                run, _ = runs.create(a_run(due=FAR, idempotency_key=f"{number}-{name}"))
                report(run["id"])
        else:
            for _ in range(60):
                for entry in runs.due(None, FAR):
                    runs.heal(entry.run_id, entry.path)

    born = {said[0] for _, said in all_reports(work)}

    assert {run["id"] for run in disk.runs.newest()} == born
    assert {entry.run_id for entry in disk.runs.due(None, "2099-01-01T00:00:00.001000+00:00")} == born
