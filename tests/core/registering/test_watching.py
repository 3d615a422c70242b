"""Noticing which sources have changed: cli.md §5.6."""

from __future__ import annotations

import os
from contextlib import suppress
from itertools import count

import pytest

from prefect.loading import SourceNotFoundError, SourceUnusableError
from prefect.registering.sources import JsonSource, ModuleSource, ScriptSource
from prefect.registering.watching import LOOK_SECONDS, WatchedSources, changed_sources


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "flows").mkdir()
    (tmp_path / "a.py").write_text("a")
    return tmp_path


def rounds(watched: WatchedSources, *steps):
    """What is seen to change at first and after each step; the steps happen while the watching sleeps."""
    pauses = []
    seen = []
    left = iter(steps)

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        seen.append([])
        step = next(left, None)
        if step is None:
            raise StopWatching
        step()

    seen.append([])
    with suppress(StopWatching):
        for sources in changed_sources(watched.looks, sleep=sleep):
            seen[-1] = sources
    assert set(pauses) == {LOOK_SECONDS}
    return seen[:-1]


class StopWatching(Exception):
    """The end of a test."""


#: Seconds; every file that is written gets the next one, whatever the resolution of the clock of the file system.
TIMES = count(1_700_000_000)


def write(path, text):
    def step() -> None:
        path.write_text(text)
        os.utime(path, times=(time := next(TIMES), time))

    return step


def test_at_first_everything_has_changed_and_then_what_is_written(folder):
    watched = WatchedSources(["a.py", "flows", "./a.py"], [], [])

    assert rounds(watched, lambda: None, write(folder / "a.py", "other"), lambda: None) == [
        [ScriptSource("a.py")],
        [],
        [ScriptSource("a.py")],
        [],
    ]


def test_a_new_file_in_a_folder_or_of_a_pattern_is_noticed(folder):
    watched = WatchedSources(["flows", "a*.py"], [], [])

    assert rounds(watched, write(folder / "flows" / "b.py", "b"), write(folder / "aa.py", "aa")) == [
        [ScriptSource("a.py")],
        [ScriptSource("flows/b.py")],
        [ScriptSource("aa.py")],
    ]


def test_a_file_that_goes_and_comes_back_has_changed(folder):
    watched = WatchedSources(["a.py"], [], [])

    assert rounds(watched, (folder / "a.py").unlink, lambda: None, write(folder / "a.py", "a")) == [
        [ScriptSource("a.py")],
        [],
        [],
        [ScriptSource("a.py")],
    ]


def test_the_files_of_modules_and_json_files_are_watched(folder, monkeypatch):
    monkeypatch.syspath_prepend(folder)
    module, flows = folder / "watched_module.py", folder / "f.json"
    module.write_text("")
    watched = WatchedSources([], ["watched_module.flow"], ["f.json"])

    assert rounds(watched, write(module, "x = 1"), write(flows, "{}")) == [
        [ModuleSource("watched_module.flow")],
        [ModuleSource("watched_module.flow")],
        [JsonSource("f.json")],
    ]


def test_what_is_watched_must_be_there_at_first(folder):
    with pytest.raises(SourceNotFoundError, match=r"Path 'b\.py' doesn't exist"):
        WatchedSources(["b.py"], [], [])
    with pytest.raises(SourceNotFoundError, match="No module named 'watched_nowhere'"):
        WatchedSources([], ["watched_nowhere"], [])
    with pytest.raises(SourceUnusableError, match="is not a file of this machine"):
        WatchedSources([], [], ["https://host/f.json"])
