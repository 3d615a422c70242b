"""Flows that are kept in a Git repository or by a web service: registered, built and run as real processes.

Source: core.md §16.4; cli.md §5, §7, §8.6, §14.1.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from backend_home import assert_explained
from git_origin import GitOrigin
from web_service import web_service

from prefect.orchestration.projects import create_project

#: A flow file; what stands for ``STORAGE`` says where it is kept.
FLOW = """
import os
from pathlib import Path
from prefect import Flow, task
from prefect.storage import Git, Webhook

with_name = Path(__file__).with_name("version.txt") if "__file__" in globals() else None
VERSION = with_name.read_text() if with_name and with_name.exists() else "unknown"

@task(log_stdout=True)
def tell(version):
    print("VERSION", version, os.path.exists("flows"))

with Flow("kept elsewhere", storage=STORAGE) as flow:
    tell(VERSION)
"""


def git(more=""):
    return f'Git("flows/mine.py", git_clone_url_secret_name="ADDRESS"{more})'


@pytest.fixture
def demo(backend):
    create_project(backend.store, "demo")
    return backend


@pytest.fixture
def origin(demo, tmp_path):
    """A repository with the first version of a flow; the environment of every command tells where it is."""
    folder = tmp_path / "git"
    folder.mkdir()
    origin = GitOrigin(folder)
    demo.environment["PREFECT__CONTEXT__SECRETS__ADDRESS"] = str(origin.bare)
    return origin


@pytest.fixture
def service(demo):
    with web_service() as service:
        demo.environment["SERVICE"] = service.address
        demo.environment["PREFECT__CONTEXT__SECRETS__TOKEN"] = "s3cret"
        yield service


def committed(origin, version, storage=None):
    origin.commit(FLOW.replace("STORAGE", storage or git()))
    return origin.commit(version, file="flows/version.txt")


def register(demo, *args):
    done = demo.prefect("register", "--project", "demo", *map(str, args))
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return done.stdout


def executed(demo, *args):
    """Create a run, let an agent execute it, and return its state and what its task has told."""
    done = demo.prefect("run", "-n", "kept elsewhere", "--quiet", *args)
    assert done.returncode == 0, done.stderr
    id = done.stdout.strip()
    demo.wait_until_finished(id)
    return demo.state_of(id), told(demo, id)


def told(demo, id):
    return [line["message"] for line in demo.store.logs.read(id) if line["message"].startswith("VERSION")]


# ---- Git -------------------------------------------------------------------------------------------------------------


def test_an_agent_runs_what_the_repository_holds_when_the_run_begins(demo, origin):
    committed(origin, "one")
    register(demo, "--path", origin.work / "flows" / "mine.py")
    demo.start_agent("--no-hostname-label")

    assert executed(demo) == ("Success", ["VERSION one False"])

    committed(origin, "two")
    shutil.rmtree(origin.work)

    assert executed(demo) == ("Success", ["VERSION two False"])


def test_a_tag_keeps_the_code_of_runs_what_it_was(demo, origin):
    committed(origin, "one", git(", tag='v1'"))
    origin.tag("v1")
    register(demo, "--path", origin.work / "flows" / "mine.py")
    committed(origin, "two", git(", tag='v1'"))
    demo.start_agent("--no-hostname-label")

    assert executed(demo) == ("Success", ["VERSION one False"])


def test_what_is_built_from_a_working_copy_can_be_registered_without_it(demo, origin):
    committed(origin, "one")
    built = demo.prefect("build", "-p", str(origin.work / "flows" / "mine.py"))
    assert (built.returncode, built.stderr) == (0, ""), built.stderr
    shutil.rmtree(origin.work)

    register(demo, "--json", "flows.json")
    demo.start_agent("--no-hostname-label")

    assert executed(demo) == ("Success", ["VERSION one False"])


def test_a_flow_file_may_register_itself(demo, origin):
    storage = git()
    demo.register(
        FLOW.replace("STORAGE", storage) + "\nif __name__ == '__main__':\n    flow.register('demo', no_url=True)\n"
    )
    committed(origin, "one", storage)
    demo.start_agent("--no-hostname-label")

    assert executed(demo) == ("Success", ["VERSION one False"])


def test_a_run_is_executed_without_an_agent(demo, origin):
    committed(origin, "one")
    register(demo, "--path", origin.work / "flows" / "mine.py")

    done = demo.prefect("run", "-n", "kept elsewhere", "--execute")

    assert (done.returncode, done.stderr) == (0, "")
    assert "VERSION one False" in done.stdout


def test_a_changed_file_is_registered_again(demo, origin):
    committed(origin, "one")
    path = origin.work / "flows" / "mine.py"
    register(demo, "--path", path)

    assert "Skipped (metadata unchanged)" in register(demo, "--path", path)

    path.write_text(path.read_text() + "\n# changed\n")

    assert "└── Version: 2" in register(demo, "--path", path)


def test_a_repository_that_is_gone_fails_the_run_with_the_reason(demo, origin):
    committed(origin, "one")
    register(demo, "--path", origin.work / "flows" / "mine.py")
    shutil.rmtree(origin.bare)
    demo.start_agent("--no-hostname-label")

    done = demo.prefect("run", "-n", "kept elsewhere", "--quiet")
    demo.wait_until_finished(done.stdout.strip())

    state = demo.store.runs.get(done.stdout.strip())["state"]
    assert state["type"] == "Failed"
    assert state["message"].startswith(
        f"Failed to load and execute flow run: FlowStorageError('The Git repository {origin.bare} cannot be fetched: "
    )


def test_a_missing_secret_is_explained(demo, origin):
    committed(origin, "one")
    register(demo, "--path", origin.work / "flows" / "mine.py")
    del demo.environment["PREFECT__CONTEXT__SECRETS__ADDRESS"]

    done = demo.prefect("run", "-n", "kept elsewhere", "--execute")

    assert_explained(done, 1, 'Local Secret "ADDRESS" was not found')


# ---- Webhook ---------------------------------------------------------------------------------------------------------

REQUEST = '{"url": "${SERVICE}/flow", "headers": {"Authorization": "Bearer ${TOKEN}"}}'


def webhook(more=""):
    return f'Webhook({REQUEST}, "POST", {REQUEST}, "GET", secrets=["TOKEN"]{more})'


@pytest.mark.parametrize("more", ["", ", stored_as_script=True"])
def test_an_agent_runs_what_the_service_was_sent_when_the_flow_was_registered(demo, service, more):
    service.token = "Bearer s3cret"
    path = demo.cwd / "mine.py"
    path.write_text(FLOW.replace("STORAGE", webhook(more)))
    register(demo, "--path", path)
    path.unlink()
    demo.start_agent("--no-hostname-label")

    assert executed(demo) == ("Success", ["VERSION unknown False"])
    assert [request.method for request in service.requests] == ["POST", "GET"]


def test_a_flow_file_may_send_itself(demo, service):
    service.token = "Bearer s3cret"
    demo.register(
        FLOW.replace("STORAGE", webhook()) + "\nif __name__ == '__main__':\n    flow.register('demo', no_url=True)\n"
    )

    done = demo.prefect("run", "-n", "kept elsewhere", "--execute")

    assert (done.returncode, done.stderr) == (0, "")
    assert "VERSION unknown False" in done.stdout


def test_what_is_built_is_sent_once(demo, service):
    (demo.cwd / "mine.py").write_text(FLOW.replace("STORAGE", webhook()))
    built = demo.prefect("build", "-p", "mine.py")
    assert (built.returncode, built.stderr) == (0, ""), built.stderr

    register(demo, "--json", "flows.json")
    demo.start_agent("--no-hostname-label")

    assert executed(demo) == ("Success", ["VERSION unknown False"])
    assert [request.method for request in service.requests] == ["POST", "GET"]
    assert "s3cret" not in json.dumps(json.loads((demo.cwd / "flows.json").read_text()))


def test_a_service_that_refuses_is_an_error_of_the_flow_alone(demo, service):
    service.token = "Bearer other"
    (demo.cwd / "mine.py").write_text(FLOW.replace("STORAGE", webhook()))

    done = demo.prefect("register", "--project", "demo", "--path", "mine.py")

    assert_explained(
        done,
        1,
        "Error building storage:",
        "Storing the flow 'kept elsewhere' failed: POST ${SERVICE}/flow was answered with 401 Unauthorized.",
    )
    assert "s3cret" not in done.stdout + done.stderr


def test_variables_of_the_run_config_reach_the_fetching_of_the_flow(demo, service):
    (demo.cwd / "mine.py").write_text(
        FLOW.replace("STORAGE", webhook())
        + "from prefect.run_configs import UniversalRun\n"
        + "flow.run_config = UniversalRun(env={'PREFECT__CONTEXT__SECRETS__TOKEN': 'of the run', 'SERVICE': os.environ['SERVICE']})\n"
    )
    register(demo, "--path", "mine.py")
    del demo.environment["PREFECT__CONTEXT__SECRETS__TOKEN"], demo.environment["SERVICE"]

    done = demo.prefect("run", "-n", "kept elsewhere", "--execute")
    demo.start_agent("--no-hostname-label")

    assert (done.returncode, done.stderr) == (0, "")
    assert executed(demo)[0] == "Success"
    assert [request.headers["Authorization"] for request in service.requests] == [
        "Bearer s3cret",
        "Bearer of the run",
        "Bearer of the run",
    ]


# ---- documents of 1.4.1 ----------------------------------------------------------------------------------------------

RECORDED = Path(__file__).parent.parent / "core" / "serialization" / "recorded"


def test_flows_that_1x_has_built_are_registered_and_run(demo):
    documents = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(RECORDED.glob("flow_*.json"))]
    (demo.cwd / "flows.json").write_text(json.dumps({"version": 1, "flows": documents}))
    package = demo.cwd / "package"
    package.mkdir()
    subjects = (RECORDED.parent / "documented.py").read_text(encoding="utf-8")
    (package / "module.py").write_text(f"{subjects}\n\nflow = everything()\n", encoding="utf-8")
    demo.environment["PREFECT__CONTEXT__SECRETS__TOKEN"] = "3"

    shown = register(demo, "--json", "flows.json")
    done = demo.prefect("run", "-n", "everything", "--param", "x=5", "--execute")

    assert f" {len(documents)} registered " in shown
    assert (done.returncode, done.stderr) == (0, "")
    assert "Flow run SUCCESS: all reference tasks succeeded" in done.stdout
