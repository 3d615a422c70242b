"""``prefect version`` and ``prefect --version`` of a process, which need no click."""

from __future__ import annotations

import pytest

import prefect


@pytest.mark.parametrize("word", ["version", "--version"])
def test_the_installed_command_prints_the_version_alone(run_prefect, word):
    done = run_prefect(word)

    assert (done.returncode, done.stdout, done.stderr) == (0, f"{prefect.__version__}\n", "")
