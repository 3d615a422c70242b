"""Noticing which sources of flows have changed.

Source: cli.md §5.6.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from prefect.loading import FlowLoadError
from prefect.registering.sources import JsonSource, ModuleSource, distinct_scripts, files_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from prefect.registering.sources import FlowSource, ScriptSource

    Look = tuple[int, int, int]

#: Seconds between two looks.
LOOK_SECONDS = 0.5


class WatchedSources:
    """The sources that a user names, as they are at any time: folders and patterns are searched again and again.

    Args:
        paths: As for :func:`prefect.registering.sources.find_sources`.
        modules: Likewise. Packages above them are imported here, once.
        json_files: Likewise; files of this machine.

    Raises:
        FlowLoadError: There is nothing at one of the paths, no such module, or a JSON file is not on this machine.
    """

    def __init__(self, paths: Iterable[str], modules: Iterable[str], json_files: Iterable[str]) -> None:
        self._paths = list(paths)
        for path in self._paths:
            files_at(path)
        named: list[FlowSource] = [*map(ModuleSource, modules), *map(JsonSource, json_files)]
        self._files = {source: source.file() for source in named}

    def looks(self) -> dict[FlowSource, Look]:
        """Return the sources whose file exists, and what tells one content of it from the next."""
        files: dict[FlowSource, str] = {source: source.file() for source in self._scripts()} | self._files
        found = {source: _look(file) for source, file in files.items()}
        return {source: look for source, look in found.items() if look is not None}

    def _scripts(self) -> list[ScriptSource]:
        files = []
        for path in self._paths:
            # Editors replace a file by taking it away first.
            with suppress(FlowLoadError):
                files += files_at(path)
        return distinct_scripts(files)


def _look(file: str) -> Look | None:
    try:
        facts = os.stat(file)
    except OSError:
        return None
    return facts.st_mtime_ns, facts.st_size, facts.st_ino


def changed_sources(
    looks: Callable[[], dict[FlowSource, Look]], *, sleep: Callable[[float], None] = time.sleep
) -> Iterator[list[FlowSource]]:
    """Yield the sources that are new or have changed, for ever; first all there are.

    Args:
        looks: Returns the present sources, and what tells one content of each from the next.
        sleep: Waits between two looks, for the given seconds.
    """
    known: dict[FlowSource, Look] = {}
    while True:
        present = looks()
        changed = [source for source, look in present.items() if known.get(source) != look]
        known = present
        if changed:
            yield changed
        sleep(LOOK_SECONDS)
