"""``LocalAgent``: starts a process on this machine for each flow run.

Source: cli.md §8.2, §8.5, §8.6, §8.9.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from prefect.agent.agent import Agent
from prefect.orchestration import liveness
from prefect.orchestration.known_flows import known_flow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prefect.storage.state.journal import Record

#: What a run config of another kind asks for, this agent cannot give.
_OWN_KINDS = (None, "LocalRun", "UniversalRun")


class LocalAgent(Agent):
    """Starts a process for each flow run.

    Args:
        agent_config_id: See :class:`~prefect.agent.Agent`, like all that is not named here.
        name: See there.
        labels: See there.
        env_vars: See there.
        import_paths: Folders that runs import from, after their own.
        show_flow_logs: Whether the output of runs goes to that of the agent instead of nowhere.
        hostname_label: Whether the name of this machine is one of the labels.
        max_polls: See there.
        agent_address: See there.
        no_cloud_logs: See there.
        storage_labels: Accepted as in 1.x, and ignored.
    """

    def __init__(
        self,
        agent_config_id: str | None = None,
        name: str | None = None,
        labels: Iterable[str] | None = None,
        env_vars: dict[str, str] | None = None,
        import_paths: list[str] | None = None,
        show_flow_logs: bool = False,
        hostname_label: bool = True,
        max_polls: int | None = None,
        agent_address: str | None = None,
        no_cloud_logs: bool | None = None,
        storage_labels: bool | None = None,
    ) -> None:
        super().__init__(agent_config_id, name, labels, env_vars, max_polls, agent_address, no_cloud_logs)
        self.import_paths = list(import_paths or ())
        self.show_flow_logs = show_flow_logs
        if hostname_label:
            self.labels = sorted({*self.labels, hostname()})
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._folder = os.getcwd()

    def _log_settings(self) -> None:
        super()._log_settings()
        self.logger.debug("Import paths: %s", self.import_paths)
        self.logger.debug("Show flow logs: %s", self.show_flow_logs)

    def deploy_flow(self, run: Record) -> str:
        """Start the process of a flow run.

        Raises:
            TypeError: Its run config asks for another kind of agent.
            ValueError: Its working directory does not exist, no variable can have the name of one of its own, or its flow
                is in a Docker image.
        """
        run_config = run.get("run_config") or {}
        if run_config.get("type") not in _OWN_KINDS:
            raise TypeError(
                f"Flow run {run['id']} has a `run_config` of type `{run_config['type']}`, only `LocalRun` is supported"
                " by this agent. Register the flow with LocalRun or UniversalRun, or start an agent of that kind."
            )
        directory = run_config.get("working_dir")
        if directory and not os.path.isdir(directory):
            why = "is a file" if os.path.exists(directory) else "does not exist"
            raise ValueError(
                f"Flow run {run['id']} is to run in the folder {directory}, which {why}. Create it, or change the"
                " `working_dir` of its run config."
            )
        storage = known_flow(self.store, run["flow_id"]).get("storage") or {}
        if storage.get("type") == "Docker":
            raise ValueError(
                f"Flow run {run['id']} has its flow in a Docker image, which this agent does not start. Register the flow"
                " with another storage, or start an agent that runs images."
            )
        output = None if self.show_flow_logs else subprocess.DEVNULL
        process = subprocess.Popen(
            [sys.executable, "-m", "prefect", "execute", "flow-run"],
            cwd=directory,
            env=self._environment(run, directory),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # the run goes on when the agent is stopped with Ctrl-C
        )
        self.processes[run["id"]] = process
        self._try("note the process of", liveness.hand_over, run["id"], liveness.process_identity(process.pid))
        return f"PID: {process.pid}"

    def _environment(self, run: Record, directory: str | None) -> dict[str, str]:
        paths = [directory or self._folder, *os.environ.get("PYTHONPATH", "").split(os.pathsep), *self.import_paths]
        values: dict[str, Any] = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
            **self.environment_of(run),
        }
        found = {name: str(value) for name, value in values.items() if value is not None}
        for name, text in found.items():
            if not name or "=" in name or "\0" in name + text:
                raise ValueError(
                    f"Flow run {run['id']} cannot be given the environment variable {name!r}: the name is empty, or name or"
                    " value have a character that variables cannot have. Change the `env` of its run config."
                )
        return found

    def look_after_deployed(self) -> None:
        """Record how processes ended that have; a run whose process died without a word has failed."""
        for id, process in list(self.processes.items()):
            code = process.poll()
            if code is None:
                continue
            del self.processes[id]
            if code:
                self.logger.info("Process PID %d returned non-zero exit code %d!", process.pid, code)
            self._try("record the end of the process of", liveness.record_exit, id, code, self._advice)

    @property
    def _advice(self) -> str:
        return "" if self.show_flow_logs else "Start the agent with --show-flow-logs to see what it prints."


def hostname() -> str:
    """Return the name of this machine as labels have it."""
    import socket

    name = socket.gethostname()
    # Containers of Docker Desktop all have one name; their address tells them apart.
    return socket.gethostbyname(name) if name == "docker-desktop" else name
