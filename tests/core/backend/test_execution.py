"""Execution of a flow run, here and in a process of its own. Source: backend.md §10.1, §21; cli.md §3.10."""

from __future__ import annotations

import os
import sys
import textwrap
from datetime import datetime, timedelta, timezone

import pytest

import prefect
from prefect import Client, Flow, task
from prefect.backend.execution import (
    environment,
    execute_flow_run,
    execute_flow_run_in_subprocess,
    generate_flow_run_environ,
    run_here,
)
from prefect.engine.state import Cancelled, Resume, Running, Success
from prefect.loading import load_flows_from_path
from prefect.run_configs import UniversalRun
from prefect.storage import Local
from prefect.utilities.configuration import set_temporary_config


@task
def one():
    return 1


def raising(error):
    @task
    def raises():
        raise error

    return Flow("f", tasks=[raises])


@pytest.fixture
def script_run(tmp_path, register):
    """Writes a script, registers its flow, and returns the id of a run of it."""

    def created(text, **options):
        folder = tmp_path / "scripts"
        folder.mkdir(exist_ok=True)
        path = folder / "flow.py"
        path.write_text("from prefect import Flow, task\nimport prefect\n" + textwrap.dedent(text))
        (flow,) = load_flows_from_path(str(path))
        flow.storage = Local(path=str(path), stored_as_script=True, add_default_labels=False)
        return Client().create_flow_run(flow_id=register(flow, **options))

    return created


def state_of(backend, flow_run_id):
    return backend.runs.get(flow_run_id)["state"]


# ---- here ------------------------------------------------------------------------------------------------------------


def test_a_flow_run_is_executed_here_and_shown(create_run):
    flow = Flow("f", tasks=[one])
    view = execute_flow_run(create_run(flow), flow=flow)

    assert (type(view).__name__, view.state.is_successful()) == ("FlowRunView", True)


def test_a_flow_that_fails_raises_nothing(create_run):
    flow = raising(ValueError("no"))

    assert execute_flow_run(create_run(flow), flow=flow).state.is_failed()


def test_the_flow_is_loaded_from_where_it_was_registered(create_run):
    assert execute_flow_run(create_run(Flow("f", tasks=[one]))).state.is_successful()


def test_tasks_import_what_stands_beside_the_script(script_run, tmp_path):
    flow_run_id = script_run(
        """
        @task
        def late():
            import beside_the_script
            return beside_the_script.value

        with Flow("f") as flow:
            late()
        """
    )
    (tmp_path / "scripts" / "beside_the_script.py").write_text("value = 1")
    before = list(sys.path)

    assert execute_flow_run(flow_run_id).state.is_successful()
    assert sys.path == before


def test_values_of_a_script_are_stored_where_its_storage_says(script_run, backend):
    flow_run_id = script_run(
        """
        @task
        def one():
            return 1

        with Flow("f") as flow:
            one()
        """
    )
    execute_flow_run(flow_run_id)

    (task_run,) = backend.members.all(flow_run_id).values()
    result = task_run["state"]["_result"]
    assert (result["type"], result["dir"]) == ("LocalResult", os.path.join(prefect.config.home_dir, "results"))
    assert os.path.isfile(os.path.join(result["dir"], result["location"]))


def test_a_file_that_has_moved_since_registration_fails_the_run(script_run, tmp_path, backend):
    flow_run_id = script_run('flow = Flow("f", tasks=[task(lambda: 1, name="one")])')
    (tmp_path / "scripts" / "flow.py").rename(tmp_path / "elsewhere.py")

    with pytest.raises(prefect.exceptions.FlowStorageError):
        execute_flow_run(flow_run_id)

    state = state_of(backend, flow_run_id)
    assert state["type"] == "Failed"
    assert state["message"].startswith("Failed to load and execute flow run: FlowStorageError(")
    assert (
        "scripts/flow.py' of the flow 'f' does not exist on this machine. Register the flow again" in state["message"]
    )


def test_why_a_flow_could_not_be_executed_is_in_its_log(script_run, tmp_path, backend):
    flow_run_id = script_run('flow = Flow("f", tasks=[task(lambda: 1, name="one")])')
    (tmp_path / "scripts" / "flow.py").write_text("1 / 0")

    with pytest.raises(ZeroDivisionError):
        run_here(flow_run_id, log_name="execute flow-run")

    (line,) = backend.logs.read(flow_run_id)
    assert (line["name"], line["level"]) == ("execute flow-run", "ERROR")
    reason, *traceback = line["message"].splitlines()
    assert reason == "Failed to load and execute flow run: ZeroDivisionError('division by zero')"
    assert traceback[:3] == [
        "Traceback (most recent call last):",
        f'  File "{tmp_path}/scripts/flow.py", line 1, in <module>',
        "    1 / 0",
    ]
    assert traceback[-1] == "ZeroDivisionError: division by zero"
    assert state_of(backend, flow_run_id)["message"] == reason


def test_the_log_of_a_flow_that_is_no_python_says_where(script_run, tmp_path, backend):
    flow_run_id = script_run('flow = Flow("f", tasks=[task(lambda: 1, name="one")])')
    (tmp_path / "scripts" / "flow.py").write_text("x = 1\ny = (\n")

    with pytest.raises(SyntaxError):
        run_here(flow_run_id)

    (line,) = backend.logs.read(flow_run_id)
    assert line["message"].splitlines()[1:] == [
        f'  File "{tmp_path}/scripts/flow.py", line 2',
        "    y = (",
        "        ^",
        "SyntaxError: '(' was never closed",
    ]


def test_no_traceback_is_logged_where_the_code_of_the_flow_had_no_part(create_run, backend):
    flow = Flow("f", tasks=[one])
    flow_run_id = create_run(flow)

    with pytest.raises(KeyError):
        run_here(flow_run_id, Flow("f"))

    (line,) = backend.logs.read(flow_run_id)
    assert line["message"] == state_of(backend, flow_run_id)["message"]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (KeyboardInterrupt(), "Flow run received an interrupt signal."),
        (KeyboardInterrupt("SIGTERM"), "Flow run received SIGTERM."),
        (SystemExit(3), "The code of the flow called sys.exit(3)."),
        (GeneratorExit("odd"), "Failed to load and execute flow run: GeneratorExit('odd')"),
    ],
)
def test_what_ends_the_whole_process_is_recorded_with_the_task_that_was_running(
    create_run, backend, error, reason, states_of
):
    flow = raising(error)
    flow_run_id = create_run(flow)

    with pytest.raises(type(error)):
        run_here(flow_run_id, flow)

    state = state_of(backend, flow_run_id)
    assert (state["type"], state["message"]) == ("Failed", f"{reason} That was while task 'raises-1' was running.")
    assert states_of(flow_run_id) == {"raises-1": "Failed"}


def test_a_run_that_another_process_executes_is_not_touched(create_run, backend):
    flow_run_id = create_run(Flow("f", tasks=[one]))
    with Client().executing(flow_run_id):
        state = run_here(flow_run_id)

    assert state.is_scheduled()
    assert backend.runs.get(flow_run_id)["version"] == 1


def test_a_runner_class_of_the_users_own_is_used(create_run):
    class Runner:
        def __init__(self, flow):
            self.flow = flow

        def run(self, **kwargs):
            Client().set_flow_run_state(prefect.context.flow_run_id, Success(f"{self.flow.name} {kwargs}"))
            return Success()

    view = execute_flow_run(create_run(Flow("f", tasks=[one])), runner_cls=Runner, parameters={"x": 1})

    assert view.state.message == "f {'parameters': {'x': 1}}"


# ---- in a process of its own -----------------------------------------------------------------------------------------


@pytest.fixture
def in_subprocess(backend, monkeypatch):
    """Lets new processes find the store of the test."""
    monkeypatch.setenv("PREFECT__STORE__DURABILITY", "process")
    return execute_flow_run_in_subprocess


def test_a_flow_run_is_executed_in_a_new_process(script_run, in_subprocess, backend):
    flow_run_id = script_run(
        """
        import os

        @task
        def who():
            prefect.context.logger.info("pid %d", os.getpid())

        flow = Flow("f", tasks=[who])
        """
    )
    view = in_subprocess(flow_run_id)

    (line,) = [line["message"] for line in backend.logs.read(flow_run_id) if line["message"].startswith("pid ")]
    assert view.state.is_successful()
    assert line != f"pid {os.getpid()}"


def test_a_run_that_is_not_scheduled_is_refused(flow_run_id):
    Client().set_flow_run_state(flow_run_id, Running())

    with pytest.raises(
        RuntimeError, match=r"^Flow run is already in state <Running>! Cannot execute flow run unless it"
    ):
        execute_flow_run_in_subprocess(flow_run_id)


def test_a_process_that_dies_fails_the_run(script_run, in_subprocess, backend):
    flow_run_id = script_run(
        """
        import os

        @task
        def dies():
            os._exit(3)

        flow = Flow("f", tasks=[dies])
        """
    )
    with pytest.raises(RuntimeError, match=r"^The flow run process failed\.$"):
        in_subprocess(flow_run_id)

    state = state_of(backend, flow_run_id)
    assert state["type"] == "Failed"
    assert "ended with exit code 3 while task 'dies-1' was running." in state["message"]


def test_a_process_that_cannot_be_started_fails_the_run(flow_run_id, backend, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/no/such/python")

    with pytest.raises(RuntimeError, match="Flow run encountered unexpected exception during execution: FileNotFound"):
        execute_flow_run_in_subprocess(flow_run_id)
    assert state_of(backend, flow_run_id)["type"] == "Failed"


def test_ctrl_c_fails_the_run(flow_run_id, backend, monkeypatch):
    def interrupted(environ):
        raise KeyboardInterrupt

    monkeypatch.setattr("prefect.backend.execution._executed_in_subprocess", interrupted)

    with pytest.raises(KeyboardInterrupt):
        execute_flow_run_in_subprocess(flow_run_id)
    assert state_of(backend, flow_run_id)["message"] == "Flow run received an interrupt signal."
    assert [(line["name"], line["level"]) for line in backend.logs.read(flow_run_id)] == [
        ("prefect.backend.execution", "ERROR")
    ]


class Processes:
    """Stands for new processes: each does what comes next in a list."""

    def __init__(self, monkeypatch, *work):
        self.work = list(work)
        self.slept = []
        monkeypatch.setattr("prefect.backend.execution._executed_in_subprocess", self.execute)
        monkeypatch.setattr("prefect.backend.execution.time.sleep", self.sleep)
        self.on_sleep = lambda: None

    def execute(self, environ):
        self.work.pop(0)(environ["PREFECT__CONTEXT__FLOW_RUN_ID"])
        return 0

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.on_sleep()


def test_a_run_is_waited_for_until_it_is_due(register, monkeypatch):
    soon = datetime.now(timezone.utc) + timedelta(minutes=59)
    flow_run_id = Client().create_flow_run(flow_id=register(), scheduled_start_time=soon)
    processes = Processes(monkeypatch, lambda id: Client().set_flow_run_state(id, Success()))
    begun = datetime.now(timezone.utc)
    monkeypatch.setattr(
        "prefect.backend.execution.now_utc", lambda: begun + timedelta(minutes=15) * len(processes.slept)
    )

    assert execute_flow_run_in_subprocess(flow_run_id).state.is_successful()
    assert processes.slept == [0.5] * 4


def test_a_paused_run_is_waited_for_until_somebody_resumes_it(create_run, monkeypatch):
    from prefect.triggers import manual_only

    flow = Flow("f", tasks=[one.copy(trigger=manual_only)])
    flow_run_id = create_run(flow)
    processes = Processes(monkeypatch, *[lambda id: run_here(id, flow)] * 2)
    processes.on_sleep = lambda: Client().set_task_run_state(Client().get_task_runs(flow_run_id)[0].id, Resume())

    assert execute_flow_run_in_subprocess(flow_run_id).state.is_successful()
    assert processes.work == []


def test_a_paused_run_that_is_cancelled_is_not_waited_for(create_run, monkeypatch):
    from prefect.triggers import manual_only

    flow = Flow("f", tasks=[one.copy(trigger=manual_only)])
    flow_run_id = create_run(flow)
    processes = Processes(monkeypatch, lambda id: run_here(id, flow))
    processes.on_sleep = lambda: Client().cancel_flow_run(flow_run_id)

    assert isinstance(execute_flow_run_in_subprocess(flow_run_id).state, Cancelled)


# ---- environments ----------------------------------------------------------------------------------------------------


def test_the_environment_of_a_run_names_the_run_and_the_store(monkeypatch):
    monkeypatch.setenv("MINE", "here")
    with set_temporary_config({"home_dir": "/h", "logging.level": "DEBUG", "cloud.send_flow_run_logs": False}):
        environ = generate_flow_run_environ("the run", "the flow", None)

    assert environ == {
        "PREFECT__LOGGING__LEVEL": "DEBUG",
        "PREFECT__LOGGING__FORMAT": prefect.config.logging.format,
        "PREFECT__LOGGING__DATEFMT": prefect.config.logging.datefmt,
        "PREFECT__CLOUD__SEND_FLOW_RUN_LOGS": "False",
        "PREFECT__BACKEND": "local",
        "PREFECT__HOME_DIR": "/h",
        "PREFECT__CLOUD__API": prefect.config.cloud.api,
        "PREFECT__CLOUD__TENANT_ID": "",
        "PREFECT__CLOUD__API_KEY": "",
        "PREFECT__CLOUD__AUTH_TOKEN": "",
        "PREFECT__CONTEXT__FLOW_RUN_ID": "the run",
        "PREFECT__CONTEXT__FLOW_ID": "the flow",
        "PREFECT__ENGINE__FLOW_RUNNER__DEFAULT_CLASS": "prefect.engine.cloud.CloudFlowRunner",
    }


def test_the_run_config_wins_over_the_configuration_and_the_local_environment(monkeypatch):
    monkeypatch.setenv("MINE", "here")
    monkeypatch.setenv("KEPT", "here")
    run_config = UniversalRun(env={"MINE": "there", "PREFECT__LOGGING__LEVEL": "ERROR", "NOTHING": None})

    environ = generate_flow_run_environ("r", "f", run_config, "key", include_local_env=True)

    assert (environ["MINE"], environ["KEPT"], environ["PREFECT__LOGGING__LEVEL"]) == ("there", "here", "ERROR")
    assert (environ["PREFECT__CLOUD__API_KEY"], environ["PREFECT__CLOUD__AUTH_TOKEN"]) == ("key", "key")
    assert "NOTHING" not in environ


def test_variables_are_added_for_the_length_of_a_block(monkeypatch):
    monkeypatch.setenv("MINE", "before")
    with environment({"MINE": 5, "NEW": "x"}):
        inside = os.environ["MINE"], os.environ["NEW"]

    assert inside == ("5", "x")
    assert (os.environ["MINE"], "NEW" in os.environ) == ("before", False)


def test_a_variable_without_a_value_is_not_added():
    with environment({"NOTHING": None}):
        assert "NOTHING" not in os.environ


def test_settings_among_the_variables_apply_for_the_length_of_a_block():
    before = prefect.config.cloud.send_flow_run_logs
    variables = {"PREFECT__CLOUD__SEND_FLOW_RUN_LOGS": "false", "PREFECT__CONTEXT__SECRETS__TOKEN": "s3cret"}

    with environment(variables):
        inside = prefect.config.cloud.send_flow_run_logs, prefect.context.secrets["TOKEN"]

    assert inside == (False, "s3cret")
    assert prefect.config.cloud.send_flow_run_logs == before
    assert "TOKEN" not in prefect.context.get("secrets", {})


def test_settings_of_the_backend_are_not_changed_by_variables(tmp_path):
    before = prefect.config.home_dir

    with environment({"PREFECT__HOME_DIR": str(tmp_path), "PREFECT__LOGGING__LEVEL": "ERROR"}):
        assert (prefect.config.home_dir, prefect.config.logging.level) == (before, "ERROR")
