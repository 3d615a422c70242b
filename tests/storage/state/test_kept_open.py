"""Files that stay open from one line to the next: they are those of the path, whatever happens to it meanwhile."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from samples import a_run, state

from prefect.storage.state.errors import NotFound
from prefect.storage.state.kept_open import OpenStreams
from prefect.storage.state.layout import member
from prefect.storage.state.store import Store
from prefect.storage.state.system import System


@pytest.fixture
def store(tmp_path):
    return Store(str(tmp_path / "store"), durability="process")


@pytest.fixture
def run_id(store):
    return store.runs.create(a_run())[0]["id"]


def open_files(folder) -> list[str]:
    """Return the files below a folder that this process has open, but for the lock of the store."""
    names = [f"/proc/self/fd/{fd}" for fd in os.listdir("/proc/self/fd")]
    targets = [os.readlink(name) for name in names if os.path.lexists(name)]
    return [target for target in targets if target.startswith(str(folder)) and not target.endswith("/lock")]


def test_a_log_that_was_deleted_is_begun_again(store, run_id):
    store.logs.append(run_id, [{"message": "before"}])
    os.unlink(store.layout.log(run_id))

    store.logs.append(run_id, [{"message": "after"}])

    assert store.logs.read(run_id) == [{"message": "after"}]


def test_a_log_that_is_not_to_be_made_is_not_found(store, run_id):
    with pytest.raises(NotFound):
        store.logs.append(run_id, [{"message": "lost"}], create=False)

    assert not os.path.exists(store.layout.log(run_id))


def test_task_runs_of_a_run_that_was_deleted_are_not_found(store, run_id):
    store.members.create(run_id, {"task": "load", "map_index": -1})
    Store(store.root, durability="process").runs.delete(run_id)

    with pytest.raises(NotFound):
        store.members.update(member(run_id, 1), state("Running"))


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="the system does not tell what is open")
def test_few_files_stay_open(store, tmp_path):
    for _ in range(20):
        run, _ = store.runs.create(a_run())
        store.members.create(run["id"], {"task": "load", "map_index": -1})
        store.logs.append(run["id"], [{"message": "hello"}])
    kept = [os.path.relpath(path, store.root).split("/")[0] for path in open_files(tmp_path)]

    assert (kept.count("tasks"), kept.count("logs")) == (8, 4)


def test_threads_may_write_to_many_streams_at_once():
    streams = OpenStreams(System())

    def write(letter: str) -> int:
        for number in range(5000):
            path = f"{letter}{number % 9}"
            streams.put_back(path, streams.take(path))
        return number

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as threads:
            written = list(threads.map(write, "abcd"))
    finally:
        sys.setswitchinterval(before)

    assert written == [4999] * 4


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system does not fork")
@pytest.mark.filterwarnings("ignore:This process")  # is multi-threaded, and the child ends at once
def test_a_fork_does_not_share_the_lock_of_a_file_that_was_open(store, run_id):
    store.members.create(run_id, {"task": "load", "map_index": -1})
    path = store.layout.tasks(run_id)
    fd, _ = store.files.lock_kept(path, store.members._folds.of(run_id).kept)
    child = os.fork()
    if not child:
        # With a descriptor of its parent it would be let in.
        kept = store.members._folds.of(run_id).kept
        try:
            with store.files.locked(path, waits=False):
                os._exit(0)
        except BaseException:
            os._exit(7 if kept.fd is None else 0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    store.system.unlock(fd)
