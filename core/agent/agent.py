"""``Agent``: watches the queue, takes what is due, has it deployed; what a kind of agent does is in its subclass.

Source: cli.md §8; DESIGN §3 steps 4 and 6.
"""

from __future__ import annotations

import ast
import json
import logging
import sys
import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from prefect._version import __version__
from prefect.agent.queue_watch import QueueWatch
from prefect.agent.services import Services
from prefect.client.transport import connected_store
from prefect.config_file import InvalidConfigurationError
from prefect.configuration import config
from prefect.orchestration import agents, liveness, logs, queue
from prefect.orchestration.naming import checked_labels
from prefect.utilities.logging import Formatter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from prefect.storage.state.journal import Record
    from prefect.storage.state.store import Store

#: Seconds between two looks at the queue.
LOOK_SECONDS = 0.06
#: Seconds between two looks while runs are due that a concurrency limit holds back.
HELD_BACK_SECONDS = 1.0
#: Seconds that a poll lasts after so many empty ones; they are counted by ``max_polls`` as in 1.x.
POLL_SECONDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 10.0)
#: Runs that are taken at a time.
BATCH = 25
#: Seconds between two signs of life; an agent counts as healthy for a minute after each.
_HEARTBEAT_SECONDS = 30.0
_BANNER = r"""
 +-+-+-+-+-+-+-+ +-+-+-+-+-+
 |P|r|e|f|e|c|t| |A|g|e|n|t|
 +-+-+-+-+-+-+-+ +-+-+-+-+-+
"""


class Agent:
    """Base of all agents.

    Args:
        agent_config_id: Id of a record with settings of the agent, or None.
        name: Its name, also that of its logger; config ``cloud.agent.name`` by default.
        labels: It takes runs whose labels are among these, and runs without labels only if it has none; config
            ``cloud.agent.labels`` by default.
        env_vars: Variables for the environment of every run.
        max_polls: Number of polls after which the agent ends; by default it does not.
        agent_address: ``http://host:port`` of a small HTTP server for health checks; config ``cloud.agent.agent_address``
            by default, empty for none.
        no_cloud_logs: Whether runs keep their log lines to themselves; config ``cloud.send_flow_run_logs`` by default.

    Raises:
        ClientError: The backend is not the local one.
        ValueError: The address names no port, or the configured level is none.
    """

    def __init__(
        self,
        agent_config_id: str | None = None,
        name: str | None = None,
        labels: Iterable[str] | None = None,
        env_vars: Mapping[str, str] | None = None,
        max_polls: int | None = None,
        agent_address: str | None = None,
        no_cloud_logs: bool | None = None,
    ) -> None:
        settings = config.cloud.agent
        self.agent_config_id = agent_config_id
        self.name: str = name or settings.name
        self.labels = checked_labels(_as_list(settings.labels) if labels is None else labels)
        self.env_vars: dict[str, str] = dict(env_vars if env_vars is not None else settings.get("env_vars", {}))
        self.max_polls = max_polls
        self.agent_address: str = settings.agent_address if agent_address is None else agent_address
        self.log_to_cloud = bool(config.cloud.send_flow_run_logs) if no_cloud_logs is None else not no_cloud_logs
        if self.agent_address:
            from prefect.agent.health import checked_address

            checked_address(self.agent_address)
        self.logger = _logger(self.name)
        self.agent_id = ""
        self.store = connected_store()
        self._woken = threading.Event()
        self._ended = False
        self._seen_at = 0.0

    # ---- what a kind of agent does -------------------------------------------------------------------------------

    def deploy_flow(self, run: Record) -> str:
        """Start a flow run and return a sentence about where.

        Raises:
            Exception: Whatever keeps it from starting; the flow run is recorded as failed then.
        """
        raise NotImplementedError(f"{type(self).__name__} deploys nothing. Define deploy_flow(run).")

    def look_after_deployed(self) -> None:
        """Find out what became of deployed runs; called at every look at the queue."""

    def on_startup(self) -> None:
        """Prepare; called once after registration."""

    # ---- the loop ------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Register the agent and take runs until Ctrl-C, SIGTERM or the last poll.

        Raises:
            ClientError: The address for health checks cannot be listened at.
        """
        with ExitStack() as running:
            if self.agent_address:
                from prefect.agent.health import HealthServer

                health = HealthServer(self.agent_address, self.wake)
                health.start()
                running.callback(health.stop)
            self._begin()
            services = Services(self.store, self.logger)
            services.start()
            running.callback(services.stop)
            try:
                self._poll_until_end()
            except KeyboardInterrupt as exc:
                self.logger.info("%s received! Shutting down...", str(exc) or "Keyboard interrupt")

    def wake(self) -> None:
        """Begin the next poll now."""
        self._woken.set()

    def stop(self) -> None:
        """End after the current poll."""
        self._ended = True
        self._woken.set()

    def _begin(self) -> None:
        self._queue = QueueWatch(self.store, self.labels)
        self.logger.info("Registering agent...")
        self.agent_id = agents.register_agent(
            self.store,
            type(self).__name__,
            self.name,
            self.labels,
            core_version=__version__,
            agent_config_id=self.agent_config_id,
        )
        self.logger.info("Registration successful!")
        self.on_startup()
        print(_BANNER, flush=True)  # noqa: T201 - what 1.x shows; the command hands stdout to the agent
        self.logger.info("Starting %s with labels %s", type(self).__name__, self.labels)
        self.logger.info("Agent documentation can be found with `prefect agent local start --help`")
        self.logger.info("Waiting for flow runs...")
        self._log_settings()

    def _log_settings(self) -> None:
        self.logger.debug("Environment variables: %s", sorted(self.env_vars))
        self.logger.debug("Max polls: %s", self.max_polls)
        self.logger.debug("Agent address: %s", self.agent_address)
        self.logger.debug("Log to Cloud: %s", self.log_to_cloud)
        self.logger.debug("Prefect backend: %s", config.backend)

    def _poll_until_end(self) -> None:
        polls = empty = 0
        while not self._ended and (self.max_polls is None or polls < self.max_polls):
            polls += 1
            taken = self.poll()
            empty = 0 if taken else min(empty + 1, len(POLL_SECONDS) - 1)
            if taken < BATCH:
                self._watch_queue(POLL_SECONDS[empty])

    def poll(self) -> int:
        """Take what is due and deploy it; return how many runs that were."""
        self.logger.debug("Querying for ready flow runs...")
        try:
            self._say_that_it_lives()
            due = self._queue.due()
            runs = queue.claim(self.store, self.agent_id, self.labels, BATCH, process=liveness.process_identity())
        except Exception:
            self.logger.exception("The queue of flow runs could not be read; the next poll tries again.")
            return 0
        self._queue.hold_back(due.difference(run["id"] for run in runs))
        if not runs:
            self.logger.debug("No ready flow runs found.")
        else:
            self.logger.debug("Found %d ready flow run(s): %s", len(runs), {run["id"] for run in runs})
        for run in runs:
            self._deploy(run)
        return len(runs)

    def _watch_queue(self, seconds: float) -> None:
        """Wait until a run comes into the queue, somebody wakes the agent, or the time is over."""
        self.logger.debug("Sleeping flow run poller for %s seconds...", seconds)
        end = time.monotonic() + (min(seconds, HELD_BACK_SECONDS) if self._queue.held_back else seconds)
        while not self._woken.is_set():
            self.look_after_deployed()
            left = end - time.monotonic()
            if left <= 0 or self._queue.has_news():
                break
            time.sleep(min(LOOK_SECONDS, left))  # at half the price of waiting for an event
        self._woken.clear()

    def _say_that_it_lives(self) -> None:
        now = time.monotonic()
        if not self._seen_at or now - self._seen_at >= _HEARTBEAT_SECONDS:
            self._seen_at = now
            agents.agent_queried(self.store, self.agent_id)

    def _deploy(self, run: Record) -> None:
        id = run["id"]
        self.logger.info("Deploying flow run %s to execution environment...", id)
        try:
            message = self.deploy_flow(run)
        except Exception as exc:
            self.logger.exception("Exception encountered while deploying flow run %s", id)
            self._try("record the failure of", liveness.record_failure, id, str(exc) or repr(exc), self.name)
            self.logger.error("Deployment of %s aborted!", id)
            return
        self._try("write to the log of", self._write_log, id, f"Submitted for execution: {message}")
        self.logger.info("Completed deployment of flow run %s", id)

    def _try(self, what: str, work: Callable[..., Any], id: str, *arguments: Any) -> None:
        """Do something for a flow run; that it cannot be done must not keep the agent from the others."""
        try:
            work(self.store, id, *arguments)
        except Exception as exc:  # noqa: BLE001 - see above
            self.logger.error("Could not %s flow run %s: %s", what, id, exc)

    def _write_log(self, store: Store, id: str, message: str) -> None:
        logs.write_logs(store, [{"flow_run_id": id, "name": self.name, "level": "INFO", "message": message}])

    def environment_of(self, run: Record) -> dict[str, Any]:
        """Return the variables that every kind of agent gives a run, those of its run config included; later ones win."""
        own = (run.get("run_config") or {}).get("env") or {}
        values: dict[str, Any] = {"PREFECT__LOGGING__LEVEL": config.logging.level, **self.env_vars, **own}
        if not self.log_to_cloud:
            values["PREFECT__CLOUD__SEND_FLOW_RUN_LOGS"] = "false"
        else:
            values.setdefault("PREFECT__CLOUD__SEND_FLOW_RUN_LOGS", "true")
        values.update(
            PREFECT__BACKEND=config.backend,
            PREFECT__HOME_DIR=config.home_dir,
            PREFECT__CLOUD__API=config.cloud.api,
            PREFECT__CLOUD__API_KEY=config.cloud.api_key or "",
            PREFECT__CLOUD__AGENT__LABELS=str(self.labels),
            PREFECT__CONTEXT__FLOW_RUN_ID=run["id"],
            PREFECT__CONTEXT__FLOW_ID=run["flow_id"],
            PREFECT__CLOUD__USE_LOCAL_SECRETS="false",
            PREFECT__ENGINE__FLOW_RUNNER__DEFAULT_CLASS="prefect.engine.cloud.CloudFlowRunner",
        )
        return values


def _as_list(labels: Any) -> list[str]:
    """Return configured labels as a list; a variable of the environment holds them as text."""
    if isinstance(labels, (list, tuple)):
        return [str(label) for label in labels]
    labels = str(labels)
    try:
        found = ast.literal_eval(labels) if labels.strip().startswith("[") else json.loads(f'["{labels}"]')
    except (SyntaxError, ValueError):
        found = [labels]
    return [str(label) for label in found]


def _logger(name: str) -> logging.Logger:
    """Return the agent's logger, which writes to stdout with times in UTC, whatever flows do with theirs."""
    logger = logging.getLogger(name)
    level = config.cloud.agent.level
    try:
        logger.setLevel(str(level).upper())
    except ValueError:
        raise InvalidConfigurationError(
            f"cloud.agent.level is {level!r}. Set it to DEBUG, INFO, WARNING or ERROR."
        ) from None
    logger.propagate = False
    for old in logger.handlers[:]:
        logger.removeHandler(old)
    handler = logging.StreamHandler(sys.stdout)
    formatter = Formatter(config.logging.format)
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    logger.addHandler(handler)
    return logger
