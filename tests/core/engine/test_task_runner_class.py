"""Tasks run by a class of one's own: ``FlowRunner(task_runner_cls=…)`` and config (core.md §8.2, §17.5)."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import prefect
from prefect import Flow, Task, task, unmapped
from prefect.engine import FlowRunner, TaskRunner, signals
from prefect.engine.observer import Observer
from prefect.engine.results import LocalResult
from prefect.engine.state import Cancelled, Mapped, Retrying, State, Success
from prefect.executors import Executor, LocalDaskExecutor, LocalExecutor
from prefect.utilities.configuration import set_temporary_config


class Telling(TaskRunner):
    """Does what ``TaskRunner`` does, and leaves a note in the state's message: its process and how it was called."""

    def run(self, state=None, upstream_states=None, context=None, is_mapped_parent=False):
        final = super().run(state, upstream_states, context, is_mapped_parent)
        final.message = f"{os.getpid()} {context['task_full_name']} {'parent' if is_mapped_parent else 'run'}"
        return final


class Recording(TaskRunner):
    """Records what it is given."""

    made: list[dict[str, Any]] = []
    calls: list[dict[str, Any]] = []

    def __init__(self, *args, **kwargs):
        self.made.append({"args": args, **kwargs})
        super().__init__(*args, **kwargs)

    def run(self, *args, **kwargs):
        self.calls.append({"args": args, "task": self.task.name, **kwargs})
        return super().run(*args, **kwargs)


class Nine(TaskRunner):
    """Runs nothing."""

    def run(self, state=None, upstream_states=None, context=None, is_mapped_parent=False):
        return Success("not run", result=9)


class Bare:
    """Has what is called, and nothing else."""

    def __init__(self, task, state_handlers, flow_result):
        self.task = task

    def run(self, state, upstream_states, context, is_mapped_parent):
        return Success(f"{self.task.name} by hand", result=4)


@pytest.fixture(autouse=True)
def _nothing_recorded():
    Recording.made, Recording.calls = [], []


@task
def numbers():
    return [1, 2]


@task
def add(x, y=0):
    return x + y


def mapped_flow() -> tuple[Flow, Task, Task]:
    with Flow("f") as flow:
        first = numbers()
        more = add.map(first, unmapped(10))
    return flow, first, more


def run(flow: Flow, cls: type, executor: Executor | None = None, **options: Any) -> State:
    """Run one pass; the states of all tasks are in the result."""
    return FlowRunner(flow, task_runner_cls=cls).run(return_tasks=flow.tasks, executor=executor, **options)


def by(cls: type) -> type:
    """The class of flow runner that ``flow.run`` takes to have its tasks run by ``cls``."""

    class OfItsOwn(FlowRunner):
        def __init__(self, flow):
            super().__init__(flow, task_runner_cls=cls)

    return OfItsOwn


def messages(state: State) -> list[str]:
    return [child.message for child in (state.map_states if isinstance(state, Mapped) else [state])]


# ---- how it is made and called -------------------------------------------------------------------------------------


def test_it_is_made_with_the_task_the_handlers_and_the_result_of_the_flow():
    result = LocalResult("/nowhere")
    handlers = [lambda runner, old, new: None]
    run(Flow("f", tasks=[numbers], result=result), Recording, task_runner_state_handlers=handlers)
    assert Recording.made == [{"args": (), "task": numbers, "state_handlers": handlers, "flow_result": result}]


def test_it_gets_none_for_the_handlers_and_the_result_that_nobody_set():
    run(Flow("f", tasks=[numbers]), Recording)
    assert Recording.made == [{"args": (), "task": numbers, "state_handlers": None, "flow_result": None}]


def test_it_is_called_by_name_with_what_the_task_begins_with():
    given = Retrying(run_count=1)
    run(Flow("f", tasks=[numbers]), Recording, task_states={numbers: given})
    (call,) = Recording.calls
    assert list(call) == ["args", "task", "state", "upstream_states", "context", "is_mapped_parent"]
    assert (call["args"], call["state"], call["upstream_states"], call["is_mapped_parent"]) == ((), given, {}, False)


def test_a_task_without_a_given_state_begins_with_none():
    run(Flow("f", tasks=[numbers]), Recording)
    assert Recording.calls[0]["state"] is None


def test_upstream_states_come_by_edge_bound_constants_included():
    with Flow("f") as flow:
        end = add(add(1, y=2), y=3)
    run(flow, Recording)
    upstream = Recording.calls[1]["upstream_states"]
    assert {(edge.key, edge.downstream_task, state.result) for edge, state in upstream.items()} == {
        ("x", end, 3),
        ("y", end, 3),
    }
    assert {type(state) for state in upstream.values()} == {Success}


def test_the_context_is_a_dictionary_of_all_that_the_task_sees():
    with prefect.context(outer=1):
        run(Flow("f", tasks=[numbers]), Recording, context={"given": 2}, task_contexts={numbers: {"own": 3}})
    seen = Recording.calls[0]["context"]
    assert type(seen) is dict
    names = ("outer", "given", "own", "flow_name", "task_name", "task_full_name", "task_slug")
    assert [seen[name] for name in names] == [1, 2, 3, "f", "numbers", "numbers", "numbers-1"]


def test_what_it_adds_to_the_context_reaches_the_task():
    class Adding(TaskRunner):
        def run(self, state=None, upstream_states=None, context=None, is_mapped_parent=False):
            return super().run(state, upstream_states, {**(context or {}), "added": 5}, is_mapped_parent)

    @task
    def seen():
        return prefect.context.added

    assert run(Flow("f", tasks=[seen]), Adding).result[seen].result == 5


def test_the_context_of_the_task_holds_while_it_runs():
    class Outside(TaskRunner):
        def run(self, *args, **kwargs):
            return Success(result=prefect.context.task_full_name)

    flow = Flow("f", tasks=[numbers])
    assert run(flow, Outside).result[numbers].result == "numbers"
    assert "task_full_name" not in prefect.context


def test_handlers_are_called_with_the_runner_itself():
    seen = []
    run(Flow("f", tasks=[numbers]), Recording, task_runner_state_handlers=[lambda *change: seen.append(change[0])])
    assert [type(runner) for runner in seen] == [Recording, Recording]
    assert seen[0] is seen[1]


def test_our_own_task_runner_given_by_name_changes_nothing():
    flow, _, more = mapped_flow()
    assert run(flow, TaskRunner).result[more].result == [11, 12]


# ---- what it returns -----------------------------------------------------------------------------------------------


def test_the_state_it_returns_is_the_state_of_the_task():
    with Flow("f") as flow:
        first = numbers()
        second = add(first)
    state = run(flow, Nine)
    assert [(state.result[one].message, state.result[one].result) for one in (first, second)] == [("not run", 9)] * 2


def test_it_need_not_be_a_task_runner_of_ours():
    state = run(Flow("f", tasks=[numbers]), Bare).result[numbers]
    assert (state.message, state.result) == ("numbers by hand", 4)


def test_what_it_raises_fails_the_flow():
    class Broken(TaskRunner):
        def run(self, *args, **kwargs):
            raise ValueError("broken")

    state = run(Flow("f", tasks=[numbers]), Broken)
    assert (state.message, repr(state.result)) == ("Unexpected error: ValueError('broken')", "ValueError('broken')")


def test_a_value_that_is_no_state_fails_the_flow_and_names_class_and_task():
    class Valued(TaskRunner):
        def run(self, *args, **kwargs):
            return 5

    state = run(Flow("f", tasks=[numbers]), Valued)
    assert state.is_failed()
    assert str(state.result) == "Valued.run returned 5 for the task 'numbers'. Return the State of the task."


# ---- mapped, retried, looping --------------------------------------------------------------------------------------


def test_parent_and_children_of_a_mapped_task_are_run_by_it():
    flow, _, more = mapped_flow()
    state = run(flow, Recording).result[more]
    assert (type(state), state.result) == (Mapped, [11, 12])
    calls = [call for call in Recording.calls if call["task"] == "add"]
    assert [(call["is_mapped_parent"], call["context"]["map_index"]) for call in calls] == [
        (True, None),
        (False, 0),
        (False, 1),
    ]
    elements = [
        next(state.result for edge, state in call["upstream_states"].items() if edge.key == "x") for call in calls
    ]
    assert elements == [[1, 2], 1, 2]


def test_children_share_the_identity_of_their_parent():
    run(mapped_flow()[0], Recording)
    identities = {call["context"]["task_run_id"] for call in Recording.calls if call["task"] == "add"}
    assert len(identities) == 1


def test_a_mapped_parent_that_it_does_not_map_has_no_children():
    flow, _, more = mapped_flow()
    state = run(flow, Nine).result[more]
    assert (type(state), state.result) == (Success, 9)


def test_every_pass_has_a_runner_of_its_own_that_begins_where_the_last_one_ended():
    @task(max_retries=1, retry_delay=timedelta(0))
    def at_second():
        if prefect.context.task_run_count == 1:
            raise ValueError("once")
        return prefect.context.task_run_count

    flow = Flow("f", tasks=[at_second])
    state = flow.run(runner_cls=by(Recording))
    assert state.result[at_second].result == 2
    assert [type(call["state"]) for call in Recording.calls] == [type(None), Retrying]
    assert len(Recording.made) == 2


def test_only_the_children_that_are_not_done_are_run_again():
    @task(max_retries=1, retry_delay=timedelta(0))
    def odd_at_once(x):
        if x == 2 and prefect.context.task_run_count == 1:
            raise ValueError("once")
        return x

    with Flow("f") as flow:
        found = odd_at_once.map(numbers())
    state = flow.run(runner_cls=by(Telling))
    assert state.result[found].result == [1, 2]
    assert messages(state.result[found]) == [f"{os.getpid()} odd_at_once[{n}] run" for n in (0, 1)]


def test_a_looping_task_is_one_call():
    @task
    def third():
        count = prefect.context.get("task_loop_count", 1)
        if count < 3:
            raise signals.LOOP(result=count)
        return count

    assert run(Flow("f", tasks=[third]), Recording).result[third].result == 3
    assert len(Recording.calls) == 1


# ---- threads and processes -----------------------------------------------------------------------------------------


class Plain(Executor):
    """Has no more than the interface of executors."""

    def submit(self, fn, *args, extra_context=None, **kwargs):
        return fn(*args, **kwargs)

    def wait(self, futures):
        return futures


EXECUTORS = {
    "local": LocalExecutor(),
    "threads": LocalDaskExecutor(scheduler="threads", num_workers=2),
    "processes": LocalDaskExecutor(scheduler="processes", num_workers=2),
    "another": Plain(),
}


@pytest.mark.parametrize("place", EXECUTORS)
def test_tasks_and_children_are_run_by_it_under_every_executor(place: str):
    flow, first, more = mapped_flow()
    state = run(flow, Telling, EXECUTORS[place])
    assert state.result[more].result == [11, 12]
    notes = [*messages(state.result[first]), *messages(state.result[more]), state.result[more].message]
    assert [note.partition(" ")[2] for note in notes] == ["numbers run", "add[0] run", "add[1] run", "add parent"]
    pids = {note.split()[0] for note in notes[:3]}
    assert (str(os.getpid()) in pids) is (place != "processes")


def test_the_class_reaches_workers_that_are_new_interpreters(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("prefect.executors.processes._can_fork", lambda: False)

    class Local(TaskRunner):
        def run(self, *args, **kwargs):
            return Success(str(os.getpid()), result=7)

    state = run(Flow("f", tasks=[numbers]), Local, EXECUTORS["processes"]).result[numbers]
    assert state.result == 7
    assert state.message != str(os.getpid())


def test_handlers_get_a_runner_of_the_class_for_a_task_whose_process_died():
    @task
    def die():
        os._exit(3)

    seen = []
    handlers = [lambda *change: seen.append(change)]
    state = run(Flow("f", tasks=[die]), Telling, EXECUTORS["processes"], task_runner_state_handlers=handlers)
    assert state.result[die].is_failed()
    assert [(type(runner), runner.task.name, str(new)) for runner, _, new in seen] == [
        (Telling, "die", f'<Failed: "{state.result[die].message}">')
    ]


# ---- the observer --------------------------------------------------------------------------------------------------


class Noting(Observer):
    """Notes every change of a task, and gives the same answer to each."""

    def __init__(self, answer: State | BaseException | None = None) -> None:
        self.answer = answer
        self.changes: list[tuple[Any, ...]] = []

    def task_state_changed(self, task: Task, map_index: int | None, old: State, new: State) -> State | None:
        self.changes.append((task.name, map_index, type(old).__name__, type(new).__name__))
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


class Forgiving(TaskRunner):
    """Makes a success of every failure."""

    def run(self, *args, **kwargs):
        state = super().run(*args, **kwargs)
        return Success("forgiven") if state.is_failed() else state


@task
def bad():
    raise ValueError("bad")


@pytest.mark.parametrize("place", EXECUTORS)
def test_an_observer_is_told_of_every_change_and_of_the_state_that_only_the_class_knows(place: str):
    observer = Noting()
    run(Flow("f", tasks=[bad]), Forgiving, EXECUTORS[place], observer=observer)
    assert observer.changes == [
        ("bad", None, "Pending", "Running"),
        ("bad", None, "Running", "Failed"),
        ("bad", None, "Failed", "Success"),
    ]


def test_an_observer_is_told_nothing_twice():
    observer = Noting()
    run(Flow("f", tasks=[numbers]), Recording, observer=observer)
    assert observer.changes == [("numbers", None, "Pending", "Running"), ("numbers", None, "Running", "Success")]


def test_an_observer_is_told_of_a_state_that_no_pipeline_led_to():
    observer = Noting()
    run(Flow("f", tasks=[numbers]), Bare, observer=observer)
    assert observer.changes == [("numbers", None, "Pending", "Success")]


@pytest.mark.parametrize("answer", [Cancelled("stop"), signals.ENDRUN(Cancelled("stop"))], ids=["returned", "raised"])
def test_the_answer_of_an_observer_counts(answer: Any):
    state = run(Flow("f", tasks=[numbers]), Nine, observer=Noting(answer)).result[numbers]
    assert repr(state) == '<Cancelled: "stop">'


# ---- the configured class ------------------------------------------------------------------------------------------


def test_the_configured_class_runs_the_tasks():
    flow, first, _ = mapped_flow()
    with set_temporary_config({"engine.task_runner.default_class": Nine}):
        assert flow.run().result[first].message == "not run"


def test_the_configured_class_may_be_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "own_runners.py").write_text(
        "from prefect.engine import TaskRunner\n"
        "from prefect.engine.state import Success\n"
        "class Ten(TaskRunner):\n"
        "    def run(self, **kwargs):\n"
        "        return Success(result=10)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    with set_temporary_config({"engine.task_runner.default_class": "own_runners.Ten"}):
        assert Flow("f", tasks=[numbers]).run().result[numbers].result == 10


def test_a_configured_name_that_leads_nowhere_leaves_the_tasks_to_the_engine():
    flow = Flow("f", tasks=[numbers])
    message = "^Could not import nowhere.Nine; using prefect.engine.task_runner.TaskRunner instead.$"
    with (
        set_temporary_config({"engine.task_runner.default_class": "nowhere.Nine"}),
        pytest.warns(UserWarning, match=message),
    ):
        assert flow.run().result[numbers].result == [1, 2]


def test_a_class_that_is_given_wins_over_the_configured_one():
    flow, first, _ = mapped_flow()
    with set_temporary_config({"engine.task_runner.default_class": Nine}):
        assert run(flow, TaskRunner).result[first].result == [1, 2]
