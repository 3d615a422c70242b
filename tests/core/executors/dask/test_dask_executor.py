"""The arguments of DaskExecutor (core.md §14.4), and the clusters it makes."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cloudpickle
import pytest
from distributed import Client, LocalCluster, get_worker

from prefect import Flow, task
from prefect.executors import DaskExecutor
from prefect.executors.dask_runs import resources_of
from prefect.utilities.configuration import set_temporary_config

from .conftest import IN_PROCESS, TWO_PROCESSES

ADDRESS = "tcp://127.0.0.1:8786"


def add(x: int, y: int) -> int:
    return x + y


@task
def worker_name() -> str:
    return str(get_worker().name)


with Flow("where") as where:
    name = worker_name()


def name_of_worker(executor: DaskExecutor) -> Any:
    state = where.run(executor=executor)
    assert state is not None
    return state.result[name].result


def in_new_interpreter(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


# ---- arguments -------------------------------------------------------------------------------------------------------


def test_an_executor_shows_its_class() -> None:
    assert repr(DaskExecutor()) == "<Executor: DaskExecutor>"


def test_by_default_it_makes_a_local_cluster_that_logs_only_what_is_critical() -> None:
    executor = DaskExecutor()
    assert (executor.address, executor.cluster_class) == (None, "distributed.deploy.local.LocalCluster")
    assert executor.cluster_kwargs == {"silence_logs": logging.CRITICAL}
    assert executor.adapt_kwargs == {}
    assert executor.client_kwargs == {"set_as_default": False}


@pytest.mark.parametrize("cluster_class", ["distributed.LocalCluster", "dask.distributed.LocalCluster", LocalCluster])
def test_with_debug_a_local_cluster_logs_warnings(cluster_class: Any) -> None:
    assert DaskExecutor(cluster_class=cluster_class, debug=True).cluster_kwargs == {"silence_logs": logging.WARNING}
    with set_temporary_config({"debug": True}):
        assert DaskExecutor(cluster_class=cluster_class).cluster_kwargs == {"silence_logs": logging.WARNING}


def test_arguments_of_a_cluster_are_its_own() -> None:
    assert DaskExecutor(cluster_kwargs={"silence_logs": False}).cluster_kwargs == {"silence_logs": False}
    assert DaskExecutor(cluster_class="mine.Cluster", cluster_kwargs={"n": 1}).cluster_kwargs == {"n": 1}


@pytest.mark.parametrize("other", [{"cluster_class": LocalCluster}, {"cluster_kwargs": {"n_workers": 1}}])
def test_an_address_and_a_cluster_to_make_exclude_each_other(other: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"`address` names a running cluster, .* Give one or the other\.$"):
        DaskExecutor(address=ADDRESS, **other)


def test_address_and_cluster_class_can_be_configured() -> None:
    with set_temporary_config({"engine.executor.dask.address": ADDRESS}):
        assert DaskExecutor().address == ADDRESS
        assert DaskExecutor(cluster_kwargs={"n_workers": 1}).address is None
    with set_temporary_config({"engine.executor.dask.cluster_class": "mine.Cluster"}):
        assert DaskExecutor().cluster_class == "mine.Cluster"


def test_arguments_of_the_client_win() -> None:
    assert DaskExecutor(client_kwargs={"set_as_default": True, "timeout": 3}).client_kwargs == {
        "set_as_default": True,
        "timeout": 3,
    }


def test_neither_import_nor_constructor_load_dask() -> None:
    code = "import sys; from prefect.executors import DaskExecutor as D; D(); D(address='x'); print('distributed' in sys.modules)"
    assert in_new_interpreter(code) == "False\n"


def test_where_dask_is_missing_one_sentence_says_how_to_get_it() -> None:
    code = (
        "import sys; sys.modules['distributed'] = None\n"
        "from prefect.executors import DaskExecutor\n"
        "try:\n"
        "    with DaskExecutor().start(): pass\n"
        "except ImportError as error: print(error)\n"
    )
    assert in_new_interpreter(code) == (
        '`DaskExecutor` needs the package distributed, which is not installed. Run: pip install "praefectus[dask]"\n'
    )


def test_the_old_place_works_and_warns() -> None:
    from prefect.engine.executors import DaskExecutor as Deprecated

    with pytest.warns(UserWarning, match=r"use prefect\.executors\.DaskExecutor"):
        executor = Deprecated(address=ADDRESS)
    assert isinstance(executor, DaskExecutor)
    assert repr(executor) == "<Executor: DaskExecutor>"


# ---- submit and wait -------------------------------------------------------------------------------------------------


def test_submitted_calls_are_resolved_in_any_nesting(executor: DaskExecutor) -> None:
    with executor.start():
        futures = {"sums": [executor.submit(add, 1, 2), (executor.submit(add, 3, y=4), 5)]}
        assert executor.wait(futures) == {"sums": [3, (7, 5)]}


def test_work_outside_a_run_is_refused() -> None:
    message = r"^A DaskExecutor takes work only while it runs\. Use it inside `with executor\.start\(\):`\.$"
    with pytest.raises(ValueError, match=message):
        DaskExecutor().submit(add, 1, 2)
    with pytest.raises(ValueError, match=message):
        DaskExecutor().wait([])


def test_a_submitted_call_has_the_name_and_the_resources_of_its_task(
    executor: DaskExecutor, cluster: LocalCluster
) -> None:
    context = {"task_name": "load", "task_tags": {"dask-resource:GPU=2", "other"}, "task_index": 3}
    with executor.start():
        future = executor.submit(add, 1, 2, extra_context=context)
        assert future.key.startswith("load-3-")
        assert executor.wait(future) == 3
        assert cluster.scheduler.tasks[future.key].resource_restrictions == {"GPU": 2.0}


def test_tags_name_resources() -> None:
    assert resources_of(["DASK-Resource:GPU=2", "dask-resource:MEM=1.5", "dask-resource:odd", "other:x=1"]) == {
        "GPU": 2.0,
        "MEM": 1.5,
    }


def test_a_running_executor_can_be_pickled(executor: DaskExecutor) -> None:
    with executor.start():
        copy = cloudpickle.loads(cloudpickle.dumps(executor))
    assert (copy.address, copy.client) == (executor.address, None)


# ---- clusters --------------------------------------------------------------------------------------------------------


def test_a_temporary_cluster_lasts_as_long_as_the_run(caplog: pytest.LogCaptureFixture) -> None:
    made = []

    def make(**kwargs: Any) -> LocalCluster:
        made.append(LocalCluster(**kwargs))
        return made[0]

    executor = DaskExecutor(cluster_class=make, cluster_kwargs=IN_PROCESS)
    assert name_of_worker(executor) == "0"
    assert made[0].status.name == "closed"
    assert executor.client is None
    assert any(message.startswith("Creating a new Dask cluster with `") for message in caplog.messages)


def test_a_cluster_class_can_be_named(caplog: pytest.LogCaptureFixture) -> None:
    assert name_of_worker(DaskExecutor(cluster_class="distributed.LocalCluster", cluster_kwargs=IN_PROCESS)) == "0"
    assert "Creating a new Dask cluster with `distributed.deploy.local.LocalCluster`..." in caplog.messages


def test_a_cluster_class_that_leads_nowhere_fails_the_run() -> None:
    state = where.run(executor=DaskExecutor(cluster_class="nowhere.Cluster"))
    assert state is not None
    assert state.message == "Unexpected error: ModuleNotFoundError(\"No module named 'nowhere'\")"


def test_a_cluster_that_adapts_begins_without_workers(caplog: pytest.LogCaptureFixture) -> None:
    kwargs = {**IN_PROCESS, "n_workers": 0}
    assert name_of_worker(DaskExecutor(cluster_kwargs=kwargs, adapt_kwargs={"minimum": 0, "maximum": 1})) == "0"


def test_a_cluster_that_is_found_does_not_adapt_and_that_is_said(
    cluster: LocalCluster, caplog: pytest.LogCaptureFixture
) -> None:
    address = cluster.scheduler_address
    assert name_of_worker(DaskExecutor(address=address, adapt_kwargs={"minimum": 1, "maximum": 3})) in {"0", "1"}
    assert len(cluster.scheduler.workers) == 2
    assert [(record.levelname, record.message) for record in caplog.records if "adapt" in record.message] == [
        (
            "WARNING",
            f"`adapt_kwargs` has no effect, since the cluster at {address} is not made by this executor. Let whoever made the"
            " cluster adapt it, or give `cluster_class` instead of `address`.",
        )
    ]
    caplog.clear()
    name_of_worker(DaskExecutor(address=address))
    assert f"Connecting to the Dask cluster at {address}..." in caplog.messages
    assert not [record for record in caplog.records if record.levelname == "WARNING"]


def test_a_running_cluster_is_left_running(executor: DaskExecutor, cluster: LocalCluster) -> None:
    assert name_of_worker(executor) in {"0", "1"}
    assert name_of_worker(executor) in {"0", "1"}
    with Client(cluster.scheduler_address, set_as_default=False) as client:
        plugins = client.run(lambda dask_worker: [name for name in dask_worker.plugins if name.startswith("prefect")])
    assert list(plugins.values()) == [[], []]
    assert not [key for key in cluster.scheduler.tasks if "worker_name" in str(key)]


def test_two_flow_runs_use_one_cluster_at_the_same_time(cluster: LocalCluster) -> None:
    meeting = threading.Barrier(2, timeout=30)

    @task
    def number(n: int) -> int:
        return n

    def run(first: int) -> Any:
        with Flow(f"from {first}") as flow:
            numbers = number.map(list(range(first, first + 50)))
        meeting.wait()
        state = flow.run(executor=DaskExecutor(address=cluster.scheduler_address))
        assert state is not None
        return state.result[numbers].result

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(run, [0, 50])) == [list(range(50)), list(range(50, 100))]


def test_dask_writes_its_performance_report(tmp_path: Path) -> None:
    executor = DaskExecutor(cluster_kwargs=IN_PROCESS, performance_report_path=str(tmp_path / "report.html"))
    name_of_worker(executor)
    assert executor.performance_report == (tmp_path / "report.html").read_text()
    assert "worker_name" in executor.performance_report


def test_a_report_that_cannot_be_written_does_not_fail_the_run(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    path = str(tmp_path / "file" / "report.html")
    assert name_of_worker(DaskExecutor(cluster_kwargs=IN_PROCESS, performance_report_path=path)) == "0"
    assert any(message.startswith("The performance report could not be written: ") for message in caplog.messages)


def test_a_missing_report_is_empty_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert DaskExecutor().performance_report == ""
    assert DaskExecutor(performance_report_path=str(tmp_path / "none.html")).performance_report == ""
    assert [record.levelname for record in caplog.records] == ["WARNING", "ERROR"]
    assert caplog.messages[0] == "There is no performance report, since `performance_report_path` is not set."
    assert caplog.messages[1].startswith("The performance report could not be read: ")


def test_where_bokeh_is_missing_one_sentence_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, executor: DaskExecutor
) -> None:
    monkeypatch.setitem(sys.modules, "bokeh", None)
    executor.performance_report_path = "report.html"
    with pytest.raises(ImportError, match=r"needs the package bokeh, .* Run: pip install bokeh$"), executor.start():
        pass


class Watching(DaskExecutor):
    """One that notices that a worker has gone."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.noticed = threading.Event()

    async def on_worker_status_changed(self, op: str, message: Any) -> None:
        await super().on_worker_status_changed(op, message)
        if op == "remove" and str(message).startswith("inproc://"):
            self.noticed.set()


@pytest.mark.parametrize(
    ("arguments", "watches"),
    [
        ({}, True),
        ({"watch_worker_status": False}, False),
        ({"adapt_kwargs": {"minimum": 2, "maximum": 2}}, False),
        ({"adapt_kwargs": {"minimum": 2, "maximum": 2}, "watch_worker_status": True}, True),
    ],
)
def test_workers_that_go_are_noticed_unless_the_cluster_adapts(arguments: dict[str, Any], watches: bool) -> None:
    clusters = []

    def make(**kwargs: Any) -> LocalCluster:
        clusters.append(LocalCluster(**kwargs))
        return clusters[0]

    executor = Watching(cluster_class=make, cluster_kwargs={**IN_PROCESS, "n_workers": 0}, **arguments)
    with executor.start():
        if "adapt_kwargs" not in arguments:
            clusters[0].scale(2)
        executor.client.wait_for_workers(2, timeout=30)
        executor.wait(executor.submit(add, 1, 2))
        (gone, *_) = clusters[0].scheduler.workers
        executor.client.retire_workers([gone])
        if watches:
            assert executor.noticed.wait(30)
    assert executor.noticed.is_set() == watches


def test_workers_that_come_and_go_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    executor = DaskExecutor()
    with caplog.at_level("DEBUG", "prefect"):
        asyncio.run(executor.on_worker_status_changed("add", {"workers": {"tcp://a:1": {}}}))
        asyncio.run(executor.on_worker_status_changed("remove", "tcp://a:1"))
    assert caplog.messages == ["Worker tcp://a:1 added", "Worker tcp://a:1 removed"]


# ---- flow files ------------------------------------------------------------------------------------------------------

FLOW = """
from prefect import Flow, task
from prefect.executors import DaskExecutor
from helping import helped

with Flow("scaled", executor=DaskExecutor(cluster_kwargs={kwargs})) as flow:
    helped.map([1, 2])

if __name__ == "__main__":
    flow.run()
"""


@pytest.fixture
def flow_file(cwd: Path) -> Path:
    (cwd / "helping.py").write_text("from prefect import task\n\n@task\ndef helped(n):\n    return n + 1\n")
    file = cwd / "scaled.py"
    file.write_text(FLOW.format(kwargs={**TWO_PROCESSES, "n_workers": 1}))
    return file


def test_a_flow_file_can_be_run_registered_and_executed(flow_file: Path, run_prefect: Any) -> None:
    """Its tasks use a module beside it, which workers have to find as well."""
    for command in (
        ["run", "-p", flow_file],
        ["create", "project", "demo"],
        ["register", "--project", "demo", "-p", flow_file],
        ["run", "-n", "scaled", "--execute"],
    ):
        done = run_prefect(*command)
        assert done.returncode == 0, done.stdout + done.stderr
    assert "Task 'helped[1]': Finished task run for task with final state: 'Success'" in done.stdout
    assert "Flow run succeeded" in done.stdout


def test_a_script_without_a_main_guard_is_told_so(flow_file: Path) -> None:
    flow_file.write_text(flow_file.read_text().replace('if __name__ == "__main__":\n    flow', "flow"))
    said = subprocess.run([sys.executable, flow_file], capture_output=True, text=True, check=False)
    assert 'Put that call under `if __name__ == "__main__":`.' in said.stdout
    assert "Flow run SUCCESS" in said.stdout
