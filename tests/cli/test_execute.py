"""``prefect execute flow-run``. Source: cli.md §14.1."""

from __future__ import annotations

import subprocess
import sys

import pytest

from prefect import Client, Flow, Task
from prefect.cli import flow_run_process
from prefect.client import run_process
from prefect.context import context
from prefect.engine.state import Running, Scheduled, Success


@pytest.fixture
def created(backend):
    """Registers a flow and returns the id of a run of it."""

    def created(flow):
        Client().create_project("demo")
        flow_id = flow.register("demo", no_url=True)
        return Client().create_flow_run(flow_id=flow_id)

    return created


@pytest.fixture(params=["command", "process"])
def execute(request, prefect, capfd):
    """Executes the run of the context: through click, and as agents have it done."""

    def called(flow_run_id):
        with context(flow_run_id=flow_run_id):
            if request.param == "command":
                done = prefect("execute", "flow-run")
                return done.exit_code, done.stderr
            code = flow_run_process.main()
            return code, capfd.readouterr().err

    return called


class Failing(Task):
    def run(self):
        raise ValueError("no")


def test_a_run_that_succeeds_exits_with_0(execute, created):
    flow_run_id = created(Flow("f", tasks=[Task(name="t")]))

    assert execute(flow_run_id) == (0, "")
    assert Client().get_flow_run_state(flow_run_id).is_successful()


def test_a_process_before_that_hangs_fails_the_run_and_exits_with_4(execute, created, backend, monkeypatch):
    monkeypatch.setattr(run_process, "_LONGEST_WAIT_SECONDS", 0)
    flow_run_id = created(Flow("f", tasks=[Task(name="t")]))
    client = Client()
    client.set_flow_run_state(flow_run_id, Running())
    (task_run,) = client.get_flow_run_info(flow_run_id).task_runs
    client.set_task_run_state(task_run.id, Scheduled())
    client.leave_flow_run(flow_run_id)

    with backend.runs.hold(flow_run_id):
        exit_code, told = execute(flow_run_id)

    assert (exit_code, told) == (4, Client().get_flow_run_state(flow_run_id).message + "\n")
    assert told.startswith(f"The process that has left the flow run {flow_run_id} has not ended for 0 s, ")
    assert Client().get_flow_run_state(flow_run_id).is_failed()


def test_a_flow_that_fails_is_no_error_of_the_command(execute, created):
    flow_run_id = created(Flow("f", tasks=[Failing()]))

    assert execute(flow_run_id) == (0, "")
    assert Client().get_flow_run_state(flow_run_id).is_failed()


def test_a_run_that_has_finished_is_left_alone(execute, created):
    flow_run_id = created(Flow("f", tasks=[Failing()]))
    Client().set_flow_run_state(flow_run_id, Success("by hand"))

    assert execute(flow_run_id) == (0, "")
    assert Client().get_flow_run_state(flow_run_id).message == "by hand"


def test_without_an_id_nothing_can_be_executed(execute):
    assert execute(None) == (
        1,
        "Not currently executing a flow within a Cloud context.\n"
        "Set PREFECT__CONTEXT__FLOW_RUN_ID to the id of the flow run, as agents do.\n",
    )


def test_an_id_that_nobody_knows_is_told(execute, backend):
    code, said = execute("018f86c9-d443-7c3e-9d02-6f1b2a400000")

    assert code == 3
    assert said.startswith("Flow run 018f86c9-d443-7c3e-9d02-6f1b2a400000 not found.")


def test_a_flow_that_cannot_be_loaded_is_told_and_fails_the_run(execute, created, tmp_path):
    flow = Flow("f", tasks=[Task(name="t")])
    flow_run_id = created(flow)
    for path in (tmp_path / "home" / "flows").rglob("*"):
        if path.is_file():
            path.unlink()

    code, said = execute(flow_run_id)

    assert code == 1
    assert said.startswith("The flow run could not be executed: The file ")
    assert "Traceback" not in said
    message = Client().get_flow_run_state(flow_run_id).message
    assert message.startswith("Failed to load and execute flow run: FlowStorageError(")


def test_a_flow_run_is_executed_without_importing_click(tmp_path):
    program = (
        "import sys; sys.argv = ['prefect', 'execute', 'flow-run']\n"
        "from prefect.cli import flow_run_process\n"
        "import prefect.backend.execution, prefect.backend.flow_runner\n"
        "print(sorted({'click', 'pendulum', 'rich', 'asyncio', 'subprocess', 'multiprocessing'} & sys.modules.keys()))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
