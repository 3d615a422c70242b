"""Measuring in child processes: commands in turn, and programs that measure themselves."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

PROGRAMS = Path(__file__).parent / "programs"


class Timer:
    """Runs everything in a temporary folder with an empty home."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
        }

    def commands(self, commands: Mapping[str, Sequence[str | Path]], rounds: int) -> dict[str, float]:
        """Median milliseconds of each command; they take turns, so that a slow moment of the machine hits all."""
        taken: dict[str, list[float]] = {name: [] for name in commands}
        for turn in range(rounds + 1):
            for name, command in commands.items():
                started = time.perf_counter()
                subprocess.run(command, cwd=self._folder, env=self._environment, check=True, stdout=subprocess.PIPE)
                if turn:  # the first turn fills the caches of the system
                    taken[name].append((time.perf_counter() - started) * 1e3)
        return {name: statistics.median(values) for name, values in taken.items()}

    def program(self, python: str | Path, name: str, *arguments: object, logs: bool = False) -> dict[str, Any]:
        """What a program of this folder measured; with ``logs`` it writes INFO lines into a pipe."""
        output = Path(tempfile.mkstemp(dir=self._folder, suffix=".json")[1])
        command = [python, PROGRAMS / f"{name}.py", output, *map(str, arguments)]
        level = {"PREFECT__LOGGING__LEVEL": "INFO" if logs else "CRITICAL"}
        done = subprocess.run(
            command, cwd=self._folder, env=self._environment | level, capture_output=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"{name} failed under {python}: {done.stderr.decode().strip().splitlines()[-1]}")
        found: dict[str, Any] = json.loads(output.read_text())
        return found

    def prepare(self, python: str | Path, name: str) -> None:
        """Run a program of this folder that makes something for those that follow."""
        command = [python, PROGRAMS / f"{name}.py"]
        subprocess.run(command, cwd=self._folder, env=self._environment, check=True, stdout=subprocess.PIPE)
