"""Large values stay on the workers of a Dask cluster, and go from worker to worker."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prefect import Flow, flatten, task, unmapped
from prefect.engine.flow_runner import FlowRunner
from prefect.engine.state import State, Success
from prefect.executors import DaskExecutor
from prefect.executors.dask_values import LARGEST_SENT, Held, RemoteValue, pack, pack_state, unpack

Run = Callable[..., State]
LARGE = 10 * LARGEST_SENT


class Noted:
    """A value that notes in a file which process packs it and which one makes it anew."""

    def __init__(self, file: Path, content: Any) -> None:
        self.file = file
        self.content = content

    def __getstate__(self) -> dict[str, Any]:
        self._note("packed")
        return self.__dict__

    def __setstate__(self, values: dict[str, Any]) -> None:
        self.__dict__ = values
        self._note("made")

    def _note(self, what: str) -> None:
        with open(self.file, "a") as file:
            file.write(f"{what} {os.getpid()}\n")


class Elements(Noted):
    """One with elements."""

    def __len__(self) -> int:
        return len(self.content)

    def __getitem__(self, index: int) -> Any:
        return self.content[index]


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    (tmp_path / "notes").touch()
    return tmp_path / "notes"


def made_in(notes: Path) -> set[int]:
    return {int(line.split()[1]) for line in notes.read_text().splitlines() if line.startswith("made")}


def run_for(executor: DaskExecutor, flow: Flow, *tasks: Any, **options: Any) -> State:
    """Run a flow for the values of some tasks only."""
    return FlowRunner(flow).run(executor=executor, return_tasks=tasks, **options)


@task
def size(value: Any) -> int:
    return len(value.content)


@task
def sizes(values: list[Any]) -> list[int]:
    return [len(value.content) for value in values]


def test_a_large_value_goes_from_worker_to_worker_and_not_through_the_flow_run(
    executor: DaskExecutor, notes: Path
) -> None:
    @task
    def make(letter: str) -> Any:
        return Noted(notes, letter * LARGE)

    @task
    def where(value: Any) -> int:
        return os.getpid()

    with Flow("large") as flow:
        made = make.map(["a", "b", "c", "d"])
        measured = size.map(made)
        pids = where.map(made)
        all_sizes = sizes(made)
    state = run_for(executor, flow, measured, pids, all_sizes)
    assert state.is_successful()
    assert state.result[measured].result == state.result[all_sizes].result == [LARGE] * 4
    workers = set(state.result[pids].result)
    # The last task needs all four on one worker, whichever made them.
    assert os.getpid() not in made_in(notes)
    assert made_in(notes) <= workers


def test_a_small_value_comes_with_its_state(executor: DaskExecutor, notes: Path) -> None:
    @task
    def make() -> Any:
        return Noted(notes, "small")

    with Flow("small") as flow:
        measured = size(make())
    assert run_for(executor, flow, measured).result[measured].result == 5
    assert os.getpid() in made_in(notes)


def test_values_that_are_asked_for_are_fetched_at_the_end(executor: DaskExecutor, notes: Path) -> None:
    @task
    def make(letter: str) -> Any:
        return Noted(notes, letter * LARGE)

    with Flow("fetched") as flow:
        one = make("a")
        several = make.map(["b", "c"])
        stays = make("d")
    state = run_for(executor, flow, one, several)
    assert state.result[one].result.content == "a" * LARGE
    assert [value.content[0] for value in state.result[several].result] == ["b", "c"]
    assert [child.result.content[0] for child in state.result[several].map_states] == ["b", "c"]
    assert set(state.result) == {one, several}
    assert notes.read_text().splitlines().count(f"made {os.getpid()}") == 3
    assert stays not in state.result


def test_a_run_of_a_flow_has_the_values_of_all_its_tasks(run: Run) -> None:
    @task
    def make(n: int) -> list[int]:
        return [n] * LARGE

    with Flow("all") as flow:
        made = make.map([1, 2])
    assert run(flow).result[made].result == [[1] * LARGE, [2] * LARGE]


def test_handlers_of_the_flow_see_the_values_of_reference_tasks(executor: DaskExecutor) -> None:
    seen = []

    def handler(flow: Flow, state: State, references: set[State]) -> None:
        seen.extend(len(reference.result) for reference in references)

    @task
    def make() -> bytes:
        return bytes(LARGE)

    with Flow("handled", terminal_state_handler=handler) as flow:
        make()
    FlowRunner(flow).run(executor=executor)
    assert seen == [LARGE]


def test_children_get_the_elements_of_a_value_that_stays(executor: DaskExecutor, notes: Path) -> None:
    @task
    def make() -> Any:
        return Elements(notes, ["a" * LARGE, "bc" * LARGE])

    @task
    def length(text: str) -> int:
        return len(text)

    with Flow("elements") as flow:
        lengths = length.map(make())
    assert run_for(executor, flow, lengths).result[lengths].result == [LARGE, 2 * LARGE]
    assert os.getpid() not in made_in(notes)


def test_a_large_value_without_elements_cannot_be_mapped_over(executor: DaskExecutor) -> None:
    @task
    def make() -> dict[str, str]:
        return {"a": "a" * LARGE}

    with Flow("mapping") as flow:
        mapped = size.map(make())
    state = run_for(executor, flow, mapped).result[mapped]
    assert state.message == "At least one upstream state has an unmappable result."


def test_large_values_are_flattened(executor: DaskExecutor) -> None:
    @task
    def make(n: int) -> list[str]:
        return [letter * LARGE for letter in "ab"[:n]]

    @task
    def nested() -> list[list[str]]:
        return [["c" * LARGE], ["d" * LARGE]]

    @task
    def first(text: str) -> str:
        return text[0]

    with Flow("flattened") as flow:
        from_children = first.map(flatten(make.map([1, 2])))
        from_one = first.map(flatten(nested()))
    state = run_for(executor, flow, from_children, from_one)
    assert state.result[from_children].result == ["a", "a", "b"]
    assert state.result[from_one].result == ["c", "d"]


@pytest.mark.parametrize("trigger", ["all_successful", "all_finished"])
def test_a_large_value_from_here_that_many_need_is_sent_at_most_a_few_times(
    executor: DaskExecutor, notes: Path, trigger: str
) -> None:
    import prefect.triggers

    source = task(lambda: None, name="source")

    @task(trigger=getattr(prefect.triggers, trigger))
    def both(n: int, value: Any) -> int:
        return n + len(value.content)

    with Flow("shared") as flow:
        added = both.map(list(range(50)), unmapped(source))
    given = {source: Success(result=Noted(notes, "a" * LARGE))}
    state = run_for(executor, flow, added, task_states=given)
    assert state.result[added].result == [LARGE + n for n in range(50)]
    assert notes.read_text().splitlines().count(f"packed {os.getpid()}") <= 4


def test_a_value_that_was_lost_with_its_worker_is_made_again(executor: DaskExecutor, tmp_path: Path) -> None:
    marks = tmp_path / "made"

    @task
    def make() -> str:
        with open(marks, "a") as file:
            file.write(f"{os.getpid()}\n")
        return "a" * LARGE

    @task
    def kill_its_worker() -> None:
        makers = marks.read_text().split()
        if len(makers) == 1:
            os.kill(int(makers[0]), signal.SIGKILL)

    @task
    def length(value: str, after: None) -> int:
        return len(value)

    with Flow("lost") as flow:
        made = make()
        measured = length(made, kill_its_worker(upstream_tasks=[made]))
    assert run_for(executor, flow, measured).result[measured].result == LARGE
    assert len(marks.read_text().split()) == 2


def test_dask_knows_how_large_a_value_is(run: Run) -> None:
    from dask.sizeof import sizeof

    assert sizeof(Held("a" * LARGE, LARGE)) >= LARGE


def test_a_message_names_every_value_once() -> None:
    class Future:
        key = "k"

    value = RemoteValue(Future(), "str", lambda future: Held("fetched", 7))
    payload, needed = pack([value, {"again": value}])
    assert len(needed) == 1
    assert unpack(payload, [Held("here", 4)]) == ["here", {"again": "here"}]


def test_a_state_travels_with_a_small_value_and_without_a_large_one() -> None:
    payload, held = pack_state(Success("done", result=1))
    assert (unpack(payload), held) == (Success("done", result=1), None)
    payload, held = pack_state(Success("done", result=[0] * LARGE))
    assert held is not None
    assert held.value == [0] * LARGE
    assert len(payload) < 1000
    stays = unpack(payload).result
    assert (stays.kind, stays.length) == ("list", LARGE)
