"""Commands called in this process, on the real tree."""

from __future__ import annotations

import inspect
from typing import NamedTuple, Protocol

import pytest
from click.testing import CliRunner

from prefect.cli import cli


class Result(NamedTuple):
    exit_code: int
    stdout: str
    stderr: str


class Check(Protocol):
    def __call__(self, *args: str, stdin: str | None = None, env: dict[str, str | None] | None = None) -> Result:
        """Call ``prefect *args`` and return its exit code and what it printed."""


@pytest.fixture
def prefect() -> Check:
    # Before click 8.2 the two streams were mixed unless asked otherwise.
    separate = {"mix_stderr": False} if "mix_stderr" in inspect.signature(CliRunner).parameters else {}

    def call(*args: str, stdin: str | None = None, env: dict[str, str | None] | None = None) -> Result:
        done = CliRunner(**separate).invoke(cli, list(args), input=stdin, env=env, prog_name="prefect")
        return Result(done.exit_code, done.stdout, done.stderr)

    return call


@pytest.fixture
def in_folder(tmp_path, monkeypatch):
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
