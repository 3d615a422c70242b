"""Processes are killed at any instruction: what they had acknowledged is there, and who comes next just carries on."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

from samples import FAR, FINISHED, FLOW, SUBMITTED, a_run, state
from workers import Crew, Report

from prefect.storage.state.errors import NotFound
from prefect.storage.state.store import Store

KILLS = 60
SIZE = 8


def test_killed_processes_take_nothing_acknowledged_with_them(disk):
    acknowledged = what_workers_report(disk)

    assert no_promise_is_broken(disk, acknowledged) == []
    assert leftovers_are_cleared(disk) == []


def what_workers_report(disk: Store) -> list[list[Any]]:
    """Kill a worker after every few reports, start another, and return all that was reported."""
    chance = random.Random(7)
    reports, kills, until_next = [], 0, 30
    with Crew(lambda number, report: mixed_work(disk.root, number, report), SIZE) as crew:
        for _, said in crew.reports():
            reports.append(said)
            until_next -= 1
            if until_next or kills == KILLS:
                continue
            kills += 1
            if kills == KILLS:
                crew.kill_all()  # all that they still got to say is read
            else:
                crew.kill_one(chance)
                crew.start()
                until_next = chance.randrange(5, 60)
    return reports


def mixed_work(root: str, number: int, report: Report) -> None:
    chance = random.Random(number)
    runs = Store(root, durability="process").runs
    while True:
        if chance.random() < 0.4:
            key = str(chance.randrange(100)) if chance.random() < 0.5 else None
            run, _ = runs.create(
                a_run(str(chance.randrange(50)), idempotency_key=key, parameters="x" * chance.randrange(9000))
            )
            report("is", run["id"], run["v"])
        for run in runs.claim([], {**SUBMITTED, "agent_id": number}, limit=chance.randrange(3)):
            report("claimed", run["id"], run["v"])
            for change in (state("Running"), {"due": FAR}, {"due": None, "name": "other"}, FINISHED):
                run = runs.update(run["id"], change, expect=run["v"])
                report("is", run["id"], run["v"])
            if chance.random() < 0.3:
                report("deletes", run["id"], run["v"])
                runs.delete(run["id"])
                report("deleted", run["id"], run["v"])


def no_promise_is_broken(disk: Store, reports: list[list[Any]]) -> list[str]:
    runs, broken = disk.runs, []
    found = {run["id"]: run for run in runs.newest()}
    gone = {id for what, id, _ in reports if what == "deletes"}
    for what, id, version in reports:
        if what == "deleted" and id in found:
            broken.append(f"{id} is back")
        elif id not in gone and (id not in found or found[id]["v"] < version):
            broken.append(f"version {version} of {id} is lost")
    claims = Counter(id for what, id, _ in reports if what == "claimed")
    broken += [f"{id} was claimed {times} times" for id, times in claims.items() if times > 1]
    queued = {entry.run_id for entry in runs.due(None, FAR)}
    active = set(runs.active())
    for id, run in found.items():
        if id in gone:
            continue
        if [line["v"] for line in runs.history(id)] != list(range(1, run["v"] + 1)):
            broken.append(f"{id} lacks a version")
        if (run["due"] is not None and id not in queued) or (run["live"] and id not in active):
            broken.append(f"{id} has lost its marker")
        if run not in runs.named(run["name"]):
            broken.append(f"{id} is not found by name")
    keys = Counter(run["idempotency_key"] for id, run in found.items() if id not in gone and run["idempotency_key"])
    broken += [f"key {key} has {times} runs" for key, times in keys.items() if times > 1]
    return broken


def leftovers_are_cleared(disk: Store) -> list[str]:
    """Do what the next processes do, and return what of the killed ones is still in the way."""
    runs, left = disk.runs, []
    for run in list(runs.newest()):
        runs.update(run["id"], FINISHED)
    runs.claim(None, SUBMITTED, limit=10_000, at=FAR)
    for id in runs.active():
        runs.heal(id, runs.layout.active(id))
    left += [f"marker of {entry.run_id}" for entry in runs.due(None, FAR)] + runs.active()
    for key in range(100):
        run, _ = runs.create(a_run(idempotency_key=str(key)))
        if runs.get(run["id"]) != run or not disk.system.exists(runs.layout.key(FLOW, str(key))):
            left.append(f"key {key} leads nowhere")
    for id in list(runs.newest_ids()):
        try:
            runs.delete(id)
        except NotFound:
            runs.heal(id, runs.layout.active(id))  # a birth that was never finished
    return left + list(runs.newest_ids())
