"""A check that meets a deletion in its midst (store.md §6.8, §11)."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

import pytest
from samples import FAR, a_run

from prefect.storage.state.check import check
from prefect.storage.state.locks import Busy
from prefect.storage.state.maintenance import prune
from prefect.storage.state.store import Store
from prefect.storage.state.system import System


class _Pausing(System):
    """Tells when the check makes its pause, and when it begins to wait for a lock."""

    def __init__(self) -> None:
        self.pauses, self.waits = threading.Event(), threading.Event()

    def sleep(self, seconds: float) -> None:
        (self.waits if self.pauses.is_set() else self.pauses).set()
        super().sleep(min(seconds, 0.01))


@pytest.mark.parametrize("kind", ["tasks", "log"])
def test_what_belongs_to_a_run_that_is_being_deleted_is_not_found(disk: Store, kind: str):
    run, _ = disk.runs.create(a_run())
    disk.members.create(run["id"], {"task": "load", "map_index": -1})
    disk.logs.append(run["id"], [{"message": "hello"}])
    paths = {"tasks": disk.layout.tasks(run["id"]), "log": disk.layout.log(run["id"])}
    path = paths.pop(kind)
    system, found = _Pausing(), []
    looker = threading.Thread(target=lambda: found.extend(check(Store(disk.root, system=system, durability="process"))))

    with disk.files.locked(path):  # as the deletion does
        os.unlink(disk.layout.run(run["id"]))
        for other in paths.values():
            os.unlink(other)
        looker.start()
        assert system.pauses.wait(30)
        while not system.waits.wait(0.01) and looker.is_alive():
            pass
        os.unlink(path)
    looker.join()

    assert [one for one in found if one.path.startswith(("tasks", "logs"))] == []


def deleted_alone(store: Store, id: str) -> None:
    store.runs.delete(id)


def pruned(store: Store, id: str) -> None:
    assert prune(store, FAR) == 1


@pytest.mark.parametrize("delete", [deleted_alone, pruned])
def test_a_deletion_holds_what_belongs_to_the_run_until_it_is_gone(disk: Store, delete: Callable[[Store, str], None]):
    run, _ = disk.runs.create(a_run(due=None))
    disk.members.create(run["id"], {"task": "load", "map_index": -1})
    disk.logs.append(run["id"], [{"message": "hello"}])
    free = []

    class Looking(System):
        def unlink(self, path: str) -> None:
            if path.endswith(f"{run['id']}.jsonl"):
                free.extend(other for other in watched if os.path.exists(other) and not is_locked(other))
            super().unlink(path)

    def is_locked(path: str) -> bool:
        try:
            with disk.files.locked(path, waits=False):
                return False
        except Busy:
            return True

    watched = [disk.layout.tasks(run["id"]), disk.layout.log(run["id"])]
    delete(Store(disk.root, system=Looking(), durability="process"), run["id"])

    assert free == []
    assert not any(map(os.path.exists, watched))
