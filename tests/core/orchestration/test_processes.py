"""Telling processes apart, and what became of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from prefect.orchestration.processes import Fate, fate_of, process_identity

needs_proc = pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="the system has no /proc")


@pytest.fixture
def child():
    """A process that waits for its end."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield process
    process.kill()
    process.communicate()


def test_this_process_is_alive():
    assert fate_of(process_identity()) == Fate("alive")


def test_identity_says_where_and_which(child):
    identity = process_identity(child.pid)

    assert list(identity) == ["host", "pid", "started", "boot_id", "pid_namespace"]
    assert identity["pid"] == child.pid
    assert identity["host"] == os.uname().nodename


def test_a_process_that_has_ended_is_gone(child):
    identity = process_identity(child.pid)
    child.kill()
    child.wait()

    assert fate_of(identity) == Fate("gone")


@needs_proc
def test_a_process_with_the_same_number_is_another_one():
    identity = process_identity()

    assert fate_of({**identity, "started": identity["started"] - 1}) == Fate("gone")


@needs_proc
def test_of_a_process_that_nobody_asked_for_yet_the_signal_is_known(child):
    identity = process_identity(child.pid)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)

    assert fate_of(identity) == Fate("gone", -signal.SIGKILL)


@needs_proc
def test_of_a_process_that_nobody_asked_for_yet_the_exit_code_is_known():
    child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read(); sys.exit(3)"], stdin=subprocess.PIPE)
    identity = process_identity(child.pid)
    child.stdin.close()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)

    fate = fate_of(identity)
    child.wait()

    assert fate == Fate("gone", 3)


@needs_proc
def test_after_a_restart_of_the_machine_no_process_is_the_same():
    assert fate_of({**process_identity(), "boot_id": "another life"}) == Fate("restarted")


@needs_proc
def test_a_process_in_another_container_of_the_machine_is_hidden():
    assert fate_of({**process_identity(), "pid_namespace": 1}) == Fate("hidden")


@needs_proc
def test_a_process_of_which_no_namespace_was_noted_is_looked_for_in_ours():
    identity = process_identity()
    del identity["pid_namespace"]

    assert fate_of(identity) == Fate("alive")


def test_a_process_on_another_machine_cannot_be_asked_for():
    assert fate_of({**process_identity(), "host": "elsewhere"}) == Fate("unknown")


def test_a_process_that_nobody_knows_cannot_be_asked_for():
    assert fate_of(None) == Fate("unknown")


def test_without_a_start_time_only_the_absence_of_a_process_is_certain(child):
    identity = {**process_identity(child.pid), "started": None}
    here = fate_of(identity)
    child.kill()
    child.wait()

    assert (here, fate_of(identity)) == (Fate("unknown"), Fate("gone"))
