"""Run configs under a local agent, as real processes. Source: core.md §15; cli.md §8.5, §8.6."""

from __future__ import annotations

import json

import pytest

from prefect import Client
from prefect.run_configs import DockerRun, LocalRun, UniversalRun
from prefect.utilities.configuration import set_temporary_config

TELLING = """
import json, os
import prefect
from prefect import Flow, task
from prefect.run_configs import DockerRun, LocalRun, UniversalRun

@task
def tell():
    names = ("MINE", "OF_THE_AGENT", "PREFECT__LOGGING__LEVEL")
    found = {name: os.environ.get(name) for name in names}
    found.update(folder=os.getcwd(), level=prefect.config.logging.level, secret=prefect.context.get("secrets", {}).get("TOKEN"))
    prefect.context.logger.warning("TELLING " + json.dumps(found))

with Flow("acting", run_config=RUN_CONFIG) as flow:
    tell()

if __name__ == "__main__":
    flow.register("demo", no_url=True, add_default_labels=False)
"""


def registered(backend, run_config):
    backend.register(TELLING.replace("RUN_CONFIG", run_config))


def told(backend, *args):
    """Create a run, wait for its end, and return what its task has found."""
    id = backend.create_run(*args)
    backend.wait_until_finished(id)
    assert backend.state_of(id) == "Success", backend.store.runs.get(id)["state"]["message"]
    (line,) = [line["message"] for line in backend.store.logs.read(id) if line["message"].startswith("TELLING")]
    return json.loads(line.removeprefix("TELLING "))


def test_a_local_run_has_its_own_folder_and_variables(backend, tmp_path):
    folder = tmp_path / "its folder"
    folder.mkdir()
    registered(backend, f"LocalRun(env={{'MINE': 1, 'OF_THE_AGENT': 'of the run'}}, working_dir={str(folder)!r})")
    backend.start_agent("--no-hostname-label", "--env", "OF_THE_AGENT=of the agent")

    found = told(backend)

    assert (found["folder"], found["MINE"], found["OF_THE_AGENT"]) == (str(folder), "1", "of the run")


@pytest.mark.parametrize("run_config", ["None", "UniversalRun()", "LocalRun()"])
def test_a_run_that_asks_for_nothing_has_the_folder_and_variables_of_the_agent(backend, run_config):
    registered(backend, run_config)
    backend.start_agent("--no-hostname-label", "--env", "OF_THE_AGENT=of the agent")

    found = told(backend)

    assert (found["folder"], found["MINE"], found["OF_THE_AGENT"]) == (str(backend.cwd), None, "of the agent")


@pytest.mark.parametrize("kind", ["UniversalRun", "LocalRun"])
def test_variables_of_a_run_config_configure_the_run(backend, kind):
    registered(
        backend, f"{kind}(env={{'PREFECT__LOGGING__LEVEL': 'WARNING', 'PREFECT__CONTEXT__SECRETS__TOKEN': 'abc'}})"
    )
    backend.start_agent("--no-hostname-label")

    found = told(backend)

    assert (found["level"], found["secret"]) == ("WARNING", "abc")


def test_variables_of_a_run_config_configure_a_run_without_an_agent(backend):
    registered(backend, "LocalRun(env={'PREFECT__CONTEXT__SECRETS__TOKEN': 'abc', 'MINE': '1'})")

    found = told(backend, "--execute", "--no-logs")

    assert (found["secret"], found["MINE"]) == ("abc", "1")


@pytest.mark.parametrize("kind", ["UniversalRun", "LocalRun"])
def test_only_an_agent_that_has_the_labels_takes_the_run(backend, kind):
    registered(backend, f"{kind}(labels=['gpu', 'large'])")
    id = backend.create_run()

    for labels in (["gpu"], []):
        done = backend.prefect("agent", "local", "start", "--max-polls", "1", *(f"--label={label}" for label in labels))
        assert done.returncode == 0, done.stderr
        assert backend.state_of(id) == "Scheduled"

    backend.start_agent("--label", "large", "--label", "gpu", "--label", "other")
    backend.wait_until_finished(id)

    assert backend.state_of(id) == "Success"


def test_the_run_config_of_a_run_replaces_that_of_its_flow(backend, tmp_path):
    registered(backend, "LocalRun(env={'MINE': 'of the flow', 'OF_THE_AGENT': 'of the flow'}, working_dir='/nowhere')")
    (flow,) = backend.store.flows.all()
    backend.start_agent("--no-hostname-label")

    with set_temporary_config({"home_dir": str(backend.home)}):
        id = Client().create_flow_run(flow_id=flow["id"], run_config=UniversalRun(env={"MINE": "of the run"}))
    backend.wait_until_finished(id)

    (line,) = [line["message"] for line in backend.store.logs.read(id) if line["message"].startswith("TELLING")]
    found = json.loads(line.removeprefix("TELLING "))
    assert (found["MINE"], found["OF_THE_AGENT"], found["folder"]) == ("of the run", None, str(backend.cwd))


@pytest.mark.parametrize(
    ("run_config", "reason"),
    [
        (LocalRun(working_dir="/no/such"), "is to run in the folder /no/such, which does not exist."),
        (
            DockerRun(image="image"),
            "has a `run_config` of type `DockerRun`, only `LocalRun` is supported by this agent.",
        ),
    ],
)
def test_what_a_local_agent_cannot_do_fails_the_run_with_the_reason(backend, run_config, reason):
    registered(backend, "None")
    (flow,) = backend.store.flows.all()
    backend.start_agent("--no-hostname-label")

    with set_temporary_config({"home_dir": str(backend.home)}):
        id = Client().create_flow_run(flow_id=flow["id"], run_config=run_config)
    backend.wait_until_finished(id)

    state = backend.store.runs.get(id)["state"]
    assert state["type"] == "Failed"
    assert reason in state["message"]
