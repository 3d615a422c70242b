"""What the store takes for a run, for each of several sizes of the store, and what a file takes that is kept as safely.

The stores are filled without syncs and over months, a run a minute, and then used as they are by default. They
are made in the temporary folder: TMPDIR should name one on a disk.

Usage: python store.py OUTPUT ROUNDS SIZE...
"""

import json
import os
import random
import statistics
import sys
import tempfile
import time
from datetime import datetime, timedelta, timezone
from itertools import islice

from prefect.orchestration import flow_runs, queue
from prefect.orchestration.projects import create_project
from prefect.orchestration.registration import register_flow
from prefect.storage.state.layout import new_id
from prefect.storage.state.store import Store
from prefect.storage.state.system import System

PERIOD = timedelta(minutes=1)
GROUPS = 10
LOOKUPS = 20


class Clock(System):
    """The system at an earlier time."""

    def __init__(self, moment):
        self.moment = moment

    def now(self):
        return self.moment.isoformat(timespec="microseconds")

    def milliseconds(self):
        return int(self.moment.timestamp() * 1000)


class Filled:
    """A store with so many finished runs of ten flows, one of which is registered."""

    def __init__(self, root, size):
        self.store = Store(root)
        project = create_project(self.store, "benchmarks")
        flow = {"name": "etl", "tasks": [], "parameters": [], "run_config": None, "storage": None, "schedule": None}
        self.flow_id, _ = register_flow(self.store, flow, project)
        self.group = self.store.flows.get(self.flow_id)["flow_group_id"]
        self.ids, self.names = self.fill(root, size)

    def fill(self, root, size):
        clock = Clock(datetime.now(timezone.utc) - (size + 60) * PERIOD)
        store = Store(root, system=clock, durability="process")
        groups = [self.group, *(new_id() for _ in range(GROUPS - 1))]
        run, _ = flow_runs.create_flow_run(store, flow_id=self.flow_id)
        store.runs.delete(run["id"])
        finished = {"type": "Success", "message": "All reference tasks succeeded."}
        fields = {key: run[key] for key in run if key not in ("format", "id", "v", "at", "created")}
        fields.update(due=None, state=finished, version=4)
        made = []
        for number in range(size):
            clock.moment += PERIOD
            group = groups[number % GROUPS]
            made.append(store.runs.create({**fields, "flow_group_id": group, "name": f"run-{number}"})[0])
        return [run["id"] for run in made], [run["name"] for run in made]

    def operations(self):
        """Name → something to be done once."""
        runs, pick = self.store.runs, random.Random(1).choice
        return {
            "create": lambda: flow_runs.create_flow_run(self.store, flow_id=self.flow_id),
            "claim": lambda: queue.claim(self.store, None, [], 1) != [],
            "get": lambda: [runs.get(pick(self.ids)) for _ in range(LOOKUPS)],
            "read": lambda: [read(self.store.layout.run(pick(self.ids))) for _ in range(LOOKUPS)],
            "newest": lambda: list(flow_runs.list_flow_runs(self.store, limit=20)),
            "of a flow": lambda: list(islice(runs.of_group(self.group), 20)),
            "by name": lambda: [runs.named(pick(self.names)) for _ in range(LOOKUPS)],
        }


def read(path):
    """What a run that is found by its id costs at least."""
    with open(path, "rb") as file:
        return json.loads(file.read())


def replace(folder, data):
    """Keep a file whole, and safe from a power cut: what a run that is created is compared with."""
    temporary = f"{folder}/.temporary"
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.write(fd, data)
    os.fsync(fd)
    os.close(fd)
    os.replace(temporary, f"{folder}/file")
    fd = os.open(folder, os.O_RDONLY)
    os.fsync(fd)
    os.close(fd)


def main(output, rounds, *sizes):
    with tempfile.TemporaryDirectory() as folder:
        filled = {size: Filled(f"{folder}/{size}", int(size)) for size in sizes}
        floor = f"{folder}/floor"
        os.mkdir(floor)
        some = filled[sizes[0]]
        run, _ = flow_runs.create_flow_run(some.store, flow_id=some.flow_id)
        with open(some.store.layout.run(run["id"]), "rb") as file:
            data = file.read()
        operations = {(size, name): do for size, store in filled.items() for name, do in store.operations().items()}
        operations["floor", "replace"] = lambda: replace(floor, data)
        taken = {key: [] for key in operations}
        for turn in range(int(rounds) + 1):
            for key, do in operations.items():
                started = time.perf_counter()
                assert do() is not False
                if turn:  # the first turn makes folders and fills caches
                    taken[key].append((time.perf_counter() - started) * 1e6)
    many = {"get", "read", "by name"}
    found = {}
    for (size, name), times in taken.items():
        found.setdefault(size, {})[name] = statistics.median(times) / (LOOKUPS if name in many else 1)
    with open(output, "w") as file:
        json.dump(found, file)


main(*sys.argv[1:])
