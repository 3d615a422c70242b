"""What is written without waiting for the disk gets there soon."""

from __future__ import annotations

import threading

import pytest
from seam import FaultySystem, RecordingSystem

from prefect.storage.state.background import BackgroundSync
from prefect.storage.state.files import Files
from prefect.storage.state.memory import MemorySystem


class Pause:
    """A wait that ends when the test says so.

    Attributes:
        begun: Set when somebody waits.
    """

    def __init__(self) -> None:
        self.begun = threading.Event()
        self._over = threading.Event()

    def __call__(self) -> None:
        self.begun.set()
        self._over.wait(60)
        self._over.clear()

    def end(self) -> None:
        self.begun.wait(60)
        self.begun.clear()
        self._over.set()


@pytest.fixture
def system() -> RecordingSystem:
    return RecordingSystem(MemorySystem({"/store/a": b"", "/store/b": b""}))


def synced(system: RecordingSystem) -> list[str]:
    return [call.path for call in system.calls if call.name == "sync"]


def test_files_are_synced_once_after_a_pause_and_the_thread_ends(system):
    pause = Pause()
    background = BackgroundSync(Files("/store", system), pause)
    for path in ("/store/a", "/store/b", "/store/a"):
        background.add(path)
    thread = background._thread
    assert thread is not None
    assert thread.daemon
    assert synced(system) == []

    pause.end()
    thread.join(60)

    assert sorted(synced(system)) == ["/store/a", "/store/b"]
    assert background._thread is None


def test_a_file_that_is_written_again_is_synced_again(system):
    background = BackgroundSync(Files("/store", system), lambda: None)
    for _ in range(2):
        background.add("/store/a")
        while (thread := background._thread) is not None:
            thread.join(60)

    assert synced(system) == ["/store/a", "/store/a"]


def test_without_syncs_there_is_no_thread(system):
    background = BackgroundSync(Files("/store", system, syncs=False))

    background.add("/store/a")

    assert background._thread is None


def test_a_file_that_is_gone_needs_no_sync(system):
    background = BackgroundSync(Files("/store", system), Pause())
    background._dirty.add("/store/gone")

    background.sync()

    assert synced(system) == []


def test_what_the_system_refuses_is_told_and_does_not_keep_others(system, caplog):
    faulty = FaultySystem(
        system, lambda name: 5 if name == "sync" and not synced(system) and not caplog.messages else None
    )
    background = BackgroundSync(Files("/store", faulty))
    background._dirty = {"/store/a", "/store/b"}

    background.sync()

    assert len(synced(system)) == 1
    assert len(caplog.messages) == 1
    assert caplog.messages[0].startswith("The system refused to work on /store/")
