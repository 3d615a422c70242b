"""The figures of the README, each with its floor, its target and, on request, what prefect==1.4.1 does."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from timing import PROGRAMS, Timer

PYTHON = Path(sys.executable)


@dataclass(frozen=True)
class Figure:
    """One row of the table.

    ``floor`` is what nothing of its kind can do without, or None; ``reference`` is 1.4.1's value in the same unit, or None
    if it was not measured.
    """

    name: str
    measured: float
    floor: float | None
    unit: str
    target: str
    met: bool
    reference: float | None = None


def commands(timer: Timer, reference: Path | None) -> Iterator[Figure]:
    """Start-up: each command against the least that a program of its kind can do."""
    ours = {
        "floor": [PYTHON, "-I", "-S", "-c", "pass"],
        "click": [PYTHON, PROGRAMS / "click_help.py", "--help"],
        "click + logging": [PYTHON, PROGRAMS / "click_logging.py", "-p", PROGRAMS / "greet.py"],
        "--version": [PYTHON.parent / "prefect", "--version"],
        "get flows": [PYTHON.parent / "prefect", "get", "flows"],
        **_prefect(PYTHON),
    }
    timer.prepare(PYTHON, "small_store")
    others = {f"1.4.1 {name}": command for name, command in _prefect(reference).items()} if reference else {}
    took = timer.commands({**ours, **others}, rounds=11 if reference else 21)

    def figure(name: str, floor: str, most: float, target: str = "", also: bool = True) -> Figure:
        met = took[name] <= most * took[floor] and also
        return Figure(
            name, took[name], took[floor], "ms", target or f"≤ {most} × {floor}", met, took.get(f"1.4.1 {name}")
        )

    yield figure("--version", "floor", 1.75)
    yield figure("version", "floor", 1.75)
    yield figure("--help", "click", 1.3)
    yield figure("get flows", "click", 1.3)
    # 45 ms where the floor takes 8.
    yield figure("from prefect import Flow, task", "floor", 45 / 8, "≤ 5.6 × floor")
    run = "run -p hello.py"
    faster = took[run] <= 0.15 * took.get(f"1.4.1 {run}", math.inf)
    yield figure(run, "click + logging", 1.5, "≤ 1.5 × click + logging, ≤ 0.15 × 1.4.1", faster)


def _prefect(python: Path) -> dict[str, list[str | Path]]:
    command = python.parent / "prefect"
    return {
        "version": [command, "version"],
        "--help": [command, "--help"],
        "from prefect import Flow, task": [python, "-c", "from prefect import Flow, task"],
        "run -p hello.py": [command, "run", "-p", PROGRAMS / "hello.py"],
    }


def tasks(timer: Timer, reference: Path | None) -> Iterator[Figure]:
    """A task that does nothing, in flows of four shapes, small and large."""
    for shape in ("chain", "wide", "map", "diamond"):
        few = timer.program(PYTHON, "shapes", shape, 1_000, 9)
        many = timer.program(PYTHON, "shapes", shape, 100_000, 3)
        theirs = timer.program(reference, "shapes", shape, 1_000, 1)["measured"] if reference else None
        name = f"trivial task, {shape} of"
        yield Figure(f"{name} 1,000", few["measured"], few["floor"], "µs", "≤ 20 µs", few["measured"] <= 20, theirs)
        growth = many["measured"] / few["measured"]
        target = f"≤ 1.5 × 1,000 (is {growth:.2f}, floor {many['floor'] / few['floor']:.2f})"
        yield Figure(f"{name} 100,000", many["measured"], many["floor"], "µs", target, growth <= 1.5)


def lines(timer: Timer, reference: Path | None) -> Iterator[Figure]:
    """The same with the two lines that a task logs, written into a pipe."""
    ours = timer.program(PYTHON, "shapes", "map", 10_000, 5, "lines", logs=True)
    theirs = timer.program(reference, "shapes", "map", 1_000, 1, "lines", logs=True) if reference else {}
    met = ours["measured"] <= 40
    name = "trivial task, INFO to a pipe"
    yield Figure(name, ours["measured"], ours["floor"], "µs", "≤ 40 µs", met, theirs.get("measured"))


def memory(timer: Timer, reference: Path | None) -> Iterator[Figure]:
    """Memory at its peak, by tracemalloc."""
    ours = timer.program(PYTHON, "memory", 50_000)
    theirs = timer.program(reference, "memory", 1_000)["measured"] / 1e3 if reference else None
    measured, floor = ours["measured"] / 1e3, ours["floor"] / 1e3
    yield Figure("memory per mapped child", measured, floor, "KB", "≤ 0.8 KB", measured <= 0.8, theirs)


def building(timer: Timer, reference: Path | None) -> Iterator[Figure]:
    """Writing `x = f(x)` in a flow."""
    ours = timer.program(PYTHON, "building", 1_000, 21)
    theirs = timer.program(reference, "building", 1_000, 9)["measured"] if reference else None
    met = ours["measured"] <= 8
    yield Figure("building a task and an edge", ours["measured"], ours["floor"], "µs", "≤ 8 µs", met, theirs)


def threads(timer: Timer, reference: Path | None) -> Iterator[Figure]:
    """Waiting side by side."""
    yield _parallel(timer, reference, "threads", "200 × sleep 50 ms on 16 threads", 0.90)


def processes(timer: Timer, reference: Path | None) -> Iterator[Figure]:
    """Computing side by side."""
    yield _parallel(timer, reference, "processes", "64 CPU tasks on 2 processes", 0.92)


def _parallel(timer: Timer, reference: Path | None, scheduler: str, name: str, least: float) -> Figure:
    ours = timer.program(PYTHON, "parallel", scheduler, 5)
    theirs = timer.program(reference, "parallel", scheduler, 1)["measured"] if reference else None
    met = ours["measured"] >= least
    return Figure(name, ours["measured"], ours["floor"], "of ideal", f"≥ {least:.2f} of ideal", met, theirs)


def store(timer: Timer, reference: Path | None) -> Iterator[Figure]:
    """The store, with few runs and with many."""
    found = timer.program(PYTHON, "store", 31, 10, 1_000, 100_000)
    replace = found["floor"]["replace"]
    for size in (10, 100_000):
        create = found[str(size)]["create"]
        target = "≤ 1.5 × a durable replace of the same bytes"
        yield Figure(f"create a run, {size:,} in the store", create, replace, "µs", target, create <= 1.5 * replace)
    few, many = found["1000"], found["100000"]
    yield Figure("look up a run by id, of 100,000", many["get"], many["read"], "µs", "≤ 60 µs", many["get"] <= 60)
    yield Figure("a run by name, of 100,000", many["by name"], few["by name"], "µs", "≤ 100 µs", many["by name"] <= 100)
    names = {"newest": "latest 20 runs", "of a flow": "latest 20 of a flow", "claim": "claim the next due run"}
    for key, name in names.items():
        met = many[key] <= 1.5 * few[key]
        yield Figure(f"{name}, of 100,000", many[key], few[key], "µs", "≤ 1.5 × of 1,000", met)


def pickup(timer: Timer, reference: Path | None) -> Iterator[Figure]:
    """An agent and the processes it starts."""
    found = timer.program(PYTHON, "pickup", 20, 10)
    begun, idle = found["begun"], found["idle"]
    yield Figure("created → its process runs", begun, None, "ms", "≤ 100 ms", begun <= 100)
    yield Figure("created → its state is Running", found["running"], None, "ms", "–", True)
    yield Figure("idle agent", idle, None, "% of a core", "≤ 0.5 %", idle <= 0.5)


def backend(timer: Timer, reference: Path | None) -> Iterator[Figure]:
    """What a backend that keeps states and log lines adds."""
    python = timer.commands({"floor": [PYTHON, "-I", "-S", "-c", "pass"]}, rounds=21)["floor"]
    found = timer.program(PYTHON, "backend", 1_000, 21, logs=True)
    extra = found["measured"] - found["floor"]
    # The pace of the machine counts as for the import above.
    most = 100 * python / 8
    target = f"≤ 100 µs where bare Python takes 8 ms (here {python:.1f})"
    yield Figure("a task under the backend, more", extra, found["floor"], "µs", target, extra <= most)


def dask(timer: Timer, reference: Path | None) -> Iterator[Figure]:
    """Mapped children on a Dask cluster."""
    found = timer.program(PYTHON, "on_dask", 2_000, 7)
    met = found["measured"] <= 1.5 * found["floor"]
    name = "mapped child on Dask, of 2,000 on 2 workers"
    yield Figure(name, found["measured"], found["floor"], "µs", "≤ 1.5 × bare Dask", met)


GROUPS: dict[str, Callable[[Timer, Path | None], Iterator[Figure]]] = {
    function.__name__: function
    for function in (commands, tasks, lines, memory, building, threads, processes, store, pickup, backend, dask)
}
