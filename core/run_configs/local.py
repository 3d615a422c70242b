"""``LocalRun``: a run as a process beside its agent."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from prefect.run_configs.base import RunConfig

if TYPE_CHECKING:
    from collections.abc import Iterable


class LocalRun(RunConfig):
    """Run in a process of the machine that the agent is on.

    Args:
        env: Environment variables of the run, name → value.
        working_dir: Folder the process starts in; a relative one is taken from the present folder, and ``~`` is the
            present user's home.
        labels: Only an agent that has all of these takes the run.

    Source:
        core.md §15.
    """

    def __init__(
        self,
        *,
        env: dict[str, Any] | None = None,
        working_dir: str | os.PathLike[str] | None = None,
        labels: Iterable[str] | None = None,
    ) -> None:
        super().__init__(env=env, labels=labels)
        self.working_dir = None if working_dir is None else os.path.abspath(os.path.expanduser(working_dir))
