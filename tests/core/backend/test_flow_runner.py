"""Flow runs that a backend keeps, executed. Source: backend.md §8.6, §10, §11; core.md §22."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta, timezone

import pytest

import prefect
from prefect import Client, Flow, Parameter, flatten, task
from prefect.backend.execution import run_here
from prefect.backend.flow_runner import CloudFlowRunner
from prefect.engine import signals
from prefect.engine.results import LocalResult
from prefect.engine.serializers import JSONSerializer
from prefect.engine.state import (
    Cancelled,
    Failed,
    Paused,
    Pending,
    Resume,
    Retrying,
    Running,
    Scheduled,
    Skipped,
    Success,
)
from prefect.executors import LocalDaskExecutor
from prefect.orchestration.limits import update_task_tag_limit
from prefect.triggers import manual_only

NOW = datetime(2024, 5, 17, tzinfo=timezone.utc)


@task
def one():
    return 1


@task
def double(x):
    return 2 * x


@task
def fails():
    raise ValueError("no")


def flow_of(*tasks):
    with Flow("f") as flow:
        for each in tasks:
            each()
    return flow


def record_of(backend, flow_run_id):
    return backend.runs.get(flow_run_id)


# ---- states ----------------------------------------------------------------------------------------------------------


def test_a_flow_run_and_its_task_runs_end_as_what_came_of_them(execute, backend, states_of):
    with Flow("f") as flow:
        double(one())
        fails()

    flow_run_id, state = execute(flow)

    assert isinstance(state, Failed)
    assert record_of(backend, flow_run_id)["state"]["type"] == "Failed"
    assert states_of(flow_run_id) == {"one-1": "Success", "double-1": "Success", "fails-1": "Failed"}


def test_mapped_children_have_task_runs_of_their_own(execute, states_of):
    with Flow("f") as flow:
        double.map([1, 2])

    flow_run_id, _ = execute(flow)

    assert states_of(flow_run_id) == {
        "[1, 2]-1": "Success",
        "double-1": "Mapped",
        "double-1[0]": "Success",
        "double-1[1]": "Success",
    }


def test_parameters_of_the_run_reach_the_tasks(execute):
    with Flow("f") as flow:
        doubled = double(Parameter("x", default=1))
    seen = []
    doubled.state_handlers.append(lambda task, old, new: seen.append(new.result) if new.is_successful() else None)

    execute(flow, parameters={"x": 21})

    assert seen == [42]


def test_a_task_sees_the_context_of_a_run_that_a_backend_keeps(execute, backend):
    seen = {}

    @task
    def look():
        seen.update(prefect.context.copy())

    flow_run_id, _ = execute(flow_of(look), context={"mine": 5}, run_name="monday")

    run = record_of(backend, flow_run_id)
    assert {name: seen[name] for name in ("flow_run_id", "flow_id", "flow_run_name", "project_name", "mine")} == {
        "flow_run_id": flow_run_id,
        "flow_id": run["flow_id"],
        "flow_run_name": "monday",
        "project_name": "demo",
        "mine": 5,
    }
    assert (seen["running_with_backend"], seen["checkpointing"], seen["map_index"]) == (True, True, None)
    assert seen["task_run_id"] == Client().get_task_runs(flow_run_id)[0].id
    assert seen["scheduled_start_time"].isoformat() == run["scheduled_start_time"]


def test_every_mapped_child_has_the_id_of_its_own_task_run(execute):
    seen = {}

    @task
    def look(x):
        seen[prefect.context.map_index] = prefect.context.task_run_id

    with Flow("f") as flow:
        look.map([1, 2])
    flow_run_id, _ = execute(flow)

    assert seen == {run.map_index: run.id for run in Client().get_task_runs(flow_run_id) if run.map_index >= 0}


def test_artifacts_and_key_values_work_inside_tasks(execute, backend):
    from prefect.backend import create_link_artifact, get_key_value, set_key_value

    @task
    def leave():
        set_key_value("k", 1)
        return create_link_artifact("http://x"), get_key_value("k")

    flow_run_id, state = execute(flow_of(leave))

    assert state.is_successful()
    artifacts = [record for record in backend.members.all(flow_run_id).values() if "data" in record]
    assert [artifact["data"] for artifact in artifacts] == [{"link": "http://x"}]


def test_the_name_that_a_task_run_gives_itself_is_stored(execute, backend):
    @task(task_run_name="hello {x}")
    def named(x):
        return x

    with Flow("f") as flow:
        named(3)
    flow_run_id, _ = execute(flow)

    assert [member["name"] for member in backend.members.all(flow_run_id).values()] == ["hello 3"]


def test_a_run_that_has_finished_is_left_alone(create_run, backend):
    flow = flow_of(fails)
    flow_run_id = create_run(flow)
    Client().set_flow_run_state(flow_run_id, Success("by hand"))
    version = record_of(backend, flow_run_id)["version"]

    assert run_here(flow_run_id, flow) == Success("by hand")
    assert record_of(backend, flow_run_id)["version"] == version


def test_a_run_that_is_scheduled_for_later_does_not_begin(create_run, backend):
    tomorrow = datetime.now(timezone.utc) + timedelta(days=1)
    flow = flow_of(fails)
    flow_run_id = create_run(flow, scheduled_start_time=tomorrow)

    assert isinstance(run_here(flow_run_id, flow), Scheduled)
    assert record_of(backend, flow_run_id)["version"] == 1


def test_a_flow_that_has_changed_since_it_was_registered_is_refused(create_run, backend):
    flow_run_id = create_run(flow_of(one))

    with pytest.raises(KeyError, match=r"has a task 'one-1', which the flow 'f' that was loaded has not"):
        run_here(flow_run_id, flow_of(fails))
    assert "Register the flow again" in record_of(backend, flow_run_id)["state"]["message"]


def test_a_flow_that_has_got_a_task_since_it_was_registered_does_not_begin(create_run, backend):
    flow_run_id = create_run(flow_of(one))

    with pytest.raises(KeyError, match=r"has a task 'fails-1', which the registered flow has not"):
        run_here(flow_run_id, flow_of(one, fails))
    assert [run.state for run in Client().get_task_runs(flow_run_id)] == [Pending()]


def test_a_run_of_which_nothing_is_known_fails(backend):
    with prefect.context(flow_run_id="018f86c9-d443-7c3e-9d02-6f1b2a400000"):
        state = CloudFlowRunner(flow=flow_of(one)).run()

    assert isinstance(state, Failed)
    assert state.message.startswith("Could not retrieve state from the backend: ")


def test_a_flow_that_a_task_runs_by_itself_is_a_local_run(execute, states_of, monkeypatch):
    inner = Flow("inner", tasks=[one])
    monkeypatch.setitem(
        prefect.config.engine.flow_runner.__dict__, "default_class", "prefect.engine.cloud.CloudFlowRunner"
    )

    @task
    def nested():
        return inner.run().is_successful()

    flow_run_id, state = execute(flow_of(nested))

    assert state.is_successful()
    assert states_of(flow_run_id) == {"nested-1": "Success"}


def test_only_one_process_executes_a_run(create_run, states_of):
    flow = flow_of(one)
    flow_run_id = create_run(flow)

    with Client().executing(flow_run_id):
        state = run_here(flow_run_id, flow)

    assert isinstance(state, Scheduled)
    assert states_of(flow_run_id) == {"one-1": "Pending"}


# ---- handlers --------------------------------------------------------------------------------------------------------


def test_handlers_come_before_the_backend_which_gets_what_they_leave(execute, states_of, backend):
    seen = []

    def replace(task, old, new):
        seen.append(type(new).__name__)
        return Skipped("by a handler") if isinstance(new, Success) else None

    flow_run_id, _ = execute(flow_of(one.copy(state_handlers=[replace])))

    assert seen == ["Running", "Success"]
    assert states_of(flow_run_id) == {"one-1": "Skipped"}


@pytest.mark.parametrize(
    ("raised", "kept"),
    [
        (ZeroDivisionError("oops"), "Failed"),
        (signals.SKIP("not today"), "Skipped"),
        (signals.ENDRUN(Success("enough")), "Success"),
        (signals.PAUSE("wait"), "Paused"),
    ],
)
def test_what_a_task_handler_raises_is_stored_as_a_state(execute, states_of, raised, kept):
    def handler(task, old, new):
        if new.is_running():
            raise raised

    flow_run_id, _ = execute(flow_of(one.copy(state_handlers=[handler])))

    assert states_of(flow_run_id) == {"one-1": kept}


def test_an_exception_of_a_flow_handler_ends_the_run_as_failed(execute, backend):
    def handler(flow, old, new):
        raise ZeroDivisionError("oops")

    flow = flow_of(one)
    flow.state_handlers.append(handler)
    flow_run_id, _ = execute(flow)

    state = record_of(backend, flow_run_id)["state"]
    assert (state["type"], "ZeroDivisionError('oops')" in state["message"]) == ("Failed", True)


def test_a_task_run_name_that_cannot_be_made_is_stored_as_a_failure(execute, states_of):
    flow_run_id, _ = execute(flow_of(one.copy(task_run_name="{nothing}")))

    assert states_of(flow_run_id) == {"one-1": "Failed"}


# ---- what the backend refuses ----------------------------------------------------------------------------------------


def test_a_task_whose_state_cannot_be_recorded_stops_what_follows(execute, backend, monkeypatch, states_of):
    begun = []

    @task
    def first():
        return 1

    @task
    def second(x):
        begun.append(x)

    with Flow("f") as flow:
        second(first())
    write = backend.members.update

    def full(id, change, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backend.members, "update", full)
    flow_run_id, state = execute(flow)
    monkeypatch.setattr(backend.members, "update", write)

    assert begun == []
    assert isinstance(state, Failed)
    assert "'first' is ClientFailed (The backend cannot be reached: [Errno 28]" in state.message
    assert record_of(backend, flow_run_id)["state"]["type"] == "Failed"


def test_a_huge_message_of_a_task_is_shortened(execute, backend):
    @task
    def explodes():
        raise ValueError("x" * 3_000_000)

    flow_run_id, _ = execute(flow_of(explodes))

    (member,) = backend.members.all(flow_run_id).values()
    assert member["state"]["type"] == "Failed"
    assert 100_000 < len(member["state"]["message"]) < 101_000


# ---- waiting ---------------------------------------------------------------------------------------------------------


class Clock:
    """A clock that waiting advances, so that nobody has to wait."""

    def __init__(self, monkeypatch):
        self.ahead = timedelta()
        self.slept = []
        for module in ("prefect.backend.waiting", "prefect.engine.task_run", "prefect.engine.flow_runner"):
            monkeypatch.setattr(f"{module}.now_utc", self.now)
        monkeypatch.setattr("prefect.backend.watcher.Watcher.wait", lambda watcher, seconds: self.wait(seconds))
        self.on_wait = lambda: None

    def now(self):
        return datetime.now(timezone.utc) + self.ahead

    def wait(self, seconds):
        self.on_wait()
        self.slept.append(seconds)
        self.ahead += timedelta(seconds=seconds)


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


def flaky(failures, **options):
    """A task that fails so many times."""
    attempts = []

    @task(max_retries=3, **options)
    def attempt():
        attempts.append(prefect.context.task_run_count)
        if len(attempts) <= failures:
            raise ValueError("not yet")
        return len(attempts)

    return attempt, attempts


def test_a_retry_within_ten_minutes_is_waited_for(execute, clock, log_of):
    attempt, attempts = flaky(1, retry_delay=timedelta(minutes=9))

    flow_run_id, state = execute(flow_of(attempt))

    assert state.is_successful()
    assert attempts == [1, 2]
    assert 539 < sum(clock.slept) < 541
    assert any(line.startswith("Waiting for next available Task run at ") for line in log_of(flow_run_id))


def test_a_later_retry_is_left_to_the_agents(execute, backend, states_of):
    attempt, attempts = flaky(1, retry_delay=timedelta(minutes=11))

    flow_run_id, state = execute(flow_of(attempt))

    run = record_of(backend, flow_run_id)
    assert isinstance(state, Running)
    assert (attempts, states_of(flow_run_id)) == ([1], {"attempt-1": "Retrying"})
    assert (run["state"]["type"], run["process"]) == ("Running", None)
    assert 600 < (datetime.fromisoformat(run["due"]) - datetime.now(timezone.utc)).total_seconds() <= 660


def test_a_run_without_agents_waits_as_long_as_it_takes(create_run, clock):
    attempt, _ = flaky(1, retry_delay=timedelta(hours=1))
    flow = flow_of(attempt)

    state = run_here(create_run(flow), flow, longest_wait=None)

    assert state.is_successful()
    assert sum(clock.slept) == pytest.approx(3600, abs=1)


def test_a_clock_that_jumps_back_makes_a_retry_wait_longer(execute, clock):
    attempt, attempts = flaky(1, retry_delay=timedelta(minutes=1))
    jumps = [timedelta(minutes=5)]

    def jump_back():
        if jumps:
            clock.ahead -= jumps.pop()

    clock.on_wait = jump_back
    _, state = execute(flow_of(attempt))

    assert (state.is_successful(), attempts) == (True, [1, 2])
    assert sum(clock.slept) == pytest.approx(6 * 60, abs=1)


def test_a_paused_task_is_left_for_a_person(execute, backend, states_of):
    flow_run_id, state = execute(flow_of(one.copy(trigger=manual_only)))

    run = record_of(backend, flow_run_id)
    assert isinstance(state, Running)
    assert states_of(flow_run_id) == {"one-1": "Paused"}
    assert (run["due"], run["process"]) == (None, None)


def test_a_resumed_task_goes_on_in_the_next_process(execute, backend, states_of):
    flow = flow_of(one.copy(trigger=manual_only))
    flow_run_id, _ = execute(flow)
    task_run_id = Client().get_task_runs(flow_run_id)[0].id

    Client().set_task_run_state(task_run_id, Resume("go"))
    is_due = record_of(backend, flow_run_id)["due"] is not None
    state = run_here(flow_run_id, flow)

    assert (is_due, state.is_successful(), states_of(flow_run_id)) == (True, True, {"one-1": "Success"})


def test_a_task_that_is_resumed_while_the_process_waits_goes_on_there(create_run, clock, states_of):
    flow = flow_of(one.copy(trigger=manual_only))
    flow_run_id = create_run(flow)
    clock.on_wait = lambda: Client().set_task_run_state(Client().get_task_runs(flow_run_id)[0].id, Resume("go"))

    state = run_here(flow_run_id, flow, longest_wait=None)

    assert (state.is_successful(), len(clock.slept)) == (True, 1)


def test_a_mapped_child_that_is_resumed_while_the_process_waits_goes_on_there(create_run, clock):
    with Flow("f") as flow:
        double.copy(trigger=manual_only).map([1, 2])
    flow_run_id = create_run(flow)

    def resume():
        for run in Client().get_task_runs(flow_run_id):
            if isinstance(run.state, Paused):
                Client().set_task_run_state(run.id, Resume("go"))

    clock.on_wait = resume

    assert run_here(flow_run_id, flow, longest_wait=None).is_successful()


def test_a_task_asks_again_for_a_slot_after_one_two_and_four_seconds(create_run, clock, backend):
    update_task_tag_limit(backend, "db", 1)
    flow = flow_of(one.copy(tags=["db"]))
    other_run = create_run(flow)
    other = Client().get_task_runs(other_run)[0].id
    Client().set_flow_run_state(other_run, Running())
    Client().set_task_run_state(other, Running())

    def release():
        if sum(clock.slept) > 2.5:
            Client().set_task_run_state(other, Success())

    clock.on_wait = release
    state = run_here(Client().create_flow_run(flow_id=record_of(backend, other_run)["flow_id"]), flow)

    assert state.is_successful()
    assert sum(clock.slept) == pytest.approx(7, abs=0.5)


def test_a_run_waits_for_a_slot_of_its_label(create_run, clock, backend):
    from prefect.orchestration.limits import update_flow_concurrency_limit

    update_flow_concurrency_limit(backend, "db", 1)
    flow = flow_of(one)
    other = create_run(flow, labels=["db"])
    flow_run_id = Client().create_flow_run(flow_id=record_of(backend, other)["flow_id"], labels=["db"])
    Client().set_flow_run_state(other, Running())
    clock.on_wait = lambda: Client().set_flow_run_state(other, Success())

    state = run_here(flow_run_id, flow)

    assert state.is_successful()
    assert sum(clock.slept) == pytest.approx(prefect.config.cloud.queue_interval, abs=1)


# ---- going on where another process stopped --------------------------------------------------------------------------


def results_in(folder, **options):
    return LocalResult(dir=str(folder), **options)


def patient_task():
    """A task that waits for an hour after its first attempt, and the values it got."""
    seen = []

    @task(max_retries=1, retry_delay=timedelta(hours=1))
    def last(x):
        seen.append(x)
        if len(seen) == 1:
            raise ValueError("not yet")

    return last, seen


@pytest.mark.parametrize("options", [{}, {"serializer": JSONSerializer()}])
def test_the_next_process_reads_values_from_where_they_were_stored(execute, clock, tmp_path, options):
    last, seen = patient_task()
    begun = []

    @task
    def first():
        begun.append(1)
        return {"a": 1}

    with Flow("f", result=results_in(tmp_path, **options)) as flow:
        last(first())
    flow_run_id, _ = execute(flow)
    clock.ahead = timedelta(hours=2)

    state = run_here(flow_run_id, flow)

    assert state.is_successful()
    assert (begun, seen) == ([1], [{"a": 1}, {"a": 1}])


def test_values_of_mapped_children_are_read_too(execute, clock, tmp_path):
    last, seen = patient_task()
    with Flow("f", result=results_in(tmp_path)) as flow:
        last(double.map([1, 2, 3]))
    flow_run_id, _ = execute(flow)
    clock.ahead = timedelta(hours=2)

    assert run_here(flow_run_id, flow).is_successful()
    assert seen == [[2, 4, 6], [2, 4, 6]]


def test_values_behind_flattened_edges_are_read_too(execute, clock, tmp_path):
    last, seen = patient_task()

    @task
    def pair(x):
        return [x, x]

    with Flow("f", result=results_in(tmp_path)) as flow:
        last(double.map(flatten(pair.map([1, 2]))))
    flow_run_id, _ = execute(flow)
    clock.ahead = timedelta(hours=2)

    assert run_here(flow_run_id, flow).is_successful()
    assert seen == [[2, 2, 4, 4]] * 2


def test_only_the_children_that_wait_begin_again(execute, clock, tmp_path, states_of):
    attempts = []

    @task(max_retries=1, retry_delay=timedelta(hours=1))
    def picky(x):
        attempts.append(x)
        if x == 2 and attempts.count(2) == 1:
            raise ValueError("not yet")
        return x

    with Flow("f", result=results_in(tmp_path)) as flow:
        picky.map([1, 2, 3])
    flow_run_id, _ = execute(flow)
    clock.ahead = timedelta(hours=2)

    assert run_here(flow_run_id, flow).is_successful()
    assert attempts == [1, 2, 3, 2]


def test_a_value_that_is_gone_fails_the_task_that_needs_it(execute, clock, tmp_path, backend):
    last, _ = patient_task()
    with Flow("f", result=results_in(tmp_path, location="one.pickle")) as flow:
        last(one())
    flow_run_id, _ = execute(flow)
    clock.ahead = timedelta(hours=2)
    (tmp_path / "one.pickle").unlink()

    state = run_here(flow_run_id, flow)

    assert isinstance(state, Failed)
    (message,) = [
        member["state"]["message"]
        for member in backend.members.all(flow_run_id).values()
        if member["state"]["type"] == "Failed"
    ]
    assert message.startswith("Failed to retrieve task results: ")


def test_a_task_that_was_running_when_its_process_went_away_begins_again(create_run, states_of):
    flow = flow_of(one)
    flow_run_id = create_run(flow)
    client = Client()
    client.set_flow_run_state(flow_run_id, Running())
    client.set_task_run_state(client.get_task_runs(flow_run_id)[0].id, Running())
    client.set_flow_run_state(flow_run_id, Scheduled("again"))

    assert run_here(flow_run_id, flow).is_successful()
    assert states_of(flow_run_id) == {"one-1": "Success"}


def test_finished_tasks_of_a_restarted_run_do_not_run_again(create_run, states_of):
    begun = []

    @task
    def first():
        begun.append("first")

    @task
    def second():
        begun.append("second")

    with Flow("f") as flow:
        second(upstream_tasks=[first()])
    flow_run_id = create_run(flow)
    client = Client()
    runs = {run.task_slug: run.id for run in client.get_task_runs(flow_run_id)}
    client.set_flow_run_state(flow_run_id, Running())
    client.set_task_run_state(runs["first-1"], Success())
    client.set_task_run_state(runs["second-1"], Failed())
    client.set_flow_run_state(flow_run_id, Failed())
    client.set_task_run_state(runs["second-1"], Pending())
    client.set_flow_run_state(flow_run_id, Scheduled())

    assert run_here(flow_run_id, flow).is_successful()
    assert begun == ["second"]


def test_who_executes_a_run_that_is_running_already_is_recorded(execute, backend, clock):
    import os

    attempt, _ = flaky(2, retry_delay=timedelta(hours=1))
    flow = flow_of(attempt)
    flow_run_id, _ = execute(flow)
    clock.ahead = timedelta(minutes=61)
    pids = []
    attempt_again = flow.get_tasks("attempt")[0]
    attempt_again.state_handlers.append(lambda *_: pids.append(record_of(backend, flow_run_id)["process"]["pid"]))

    run_here(flow_run_id, flow)

    assert set(pids) == {os.getpid()}


# ---- cancelling ------------------------------------------------------------------------------------------------------


@pytest.fixture
def eager(monkeypatch):
    """Cancellations are noticed at once."""
    monkeypatch.setattr("prefect.backend.watcher.LOCAL_INTERVAL", 0.01)


def wait_for_ever():
    threading.Event().wait(60)


@pytest.mark.parametrize(
    "executor",
    [None, LocalDaskExecutor("threads", num_workers=2), LocalDaskExecutor("processes", num_workers=2)],
    ids=["local", "threads", "processes"],
)
def test_a_run_is_cancelled_in_the_midst_of_a_task(create_run, backend, states_of, eager, executor, log_of):
    @task
    def cancels():
        prefect.Client().cancel_flow_run(prefect.context.flow_run_id)
        threading.Event().wait(60)

    with Flow("f", executor=executor) as flow:
        double(cancels())
    flow_run_id = create_run(flow)

    state = run_here(flow_run_id, flow)

    assert state == Cancelled("Flow run is cancelled")
    assert record_of(backend, flow_run_id)["state"]["type"] == "Cancelled"
    assert states_of(flow_run_id) == {"cancels-1": "Cancelled", "double-1": "Cancelled"}
    assert "Flow run has been cancelled, cancelling active tasks" in log_of(flow_run_id)


def test_a_run_is_cancelled_while_it_waits(create_run, states_of, eager):
    attempt, _ = flaky(1, retry_delay=timedelta(minutes=5))

    def cancel(task, old, new):
        if isinstance(new, Retrying):
            Client().cancel_flow_run(prefect.context.flow_run_id)

    attempt.state_handlers.append(cancel)
    flow = flow_of(attempt)
    flow_run_id = create_run(flow)

    assert isinstance(run_here(flow_run_id, flow), Cancelled)
    assert states_of(flow_run_id) == {"attempt-1": "Cancelled"}


def test_no_task_begins_once_a_run_is_cancelled_though_one_swallows_the_interrupt(create_run, states_of, eager):
    begun = []

    @task
    def swallows():
        Client().cancel_flow_run(prefect.context.flow_run_id)
        try:
            wait_for_ever()
        except KeyboardInterrupt:
            return 1

    @task
    def never(x):
        begun.append(x)

    with Flow("f") as flow:
        never(swallows())
    flow_run_id = create_run(flow)

    assert isinstance(run_here(flow_run_id, flow), Cancelled)
    assert begun == []


def test_flow_handlers_hear_of_a_cancellation(create_run, eager):
    heard = []

    @task
    def cancels():
        Client().cancel_flow_run(prefect.context.flow_run_id)
        wait_for_ever()

    flow = flow_of(cancels)
    flow.state_handlers.append(lambda flow, old, new: heard.append(type(new).__name__))
    run_here(create_run(flow), flow)

    assert heard == ["Running", "Cancelled"]


def test_a_run_is_cancelled_in_a_thread_of_the_process(create_run, eager):
    @task
    def cancels():
        Client().cancel_flow_run(prefect.context.flow_run_id)
        for _ in range(10_000):
            threading.Event().wait(0.005)

    flow = flow_of(cancels)
    flow_run_id = create_run(flow)
    ended = []
    thread = threading.Thread(target=lambda: ended.append(run_here(flow_run_id, flow)))
    thread.start()
    thread.join(30)

    assert [type(state) for state in ended] == [Cancelled]
