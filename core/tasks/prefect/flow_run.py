"""Runs of other flows: create one, wait for it, read what a task of it returned.

Source: core.md §21.6; backend.md §22.1.
"""

# Without the __future__ import: the texts of the annotations of `run` are part of a flow's JSON form (core.md §20.2).
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Iterable, NoReturn, Optional  # noqa: UP035 - their texts, see above

# By its module: cloudpickle takes the functions below along by value, and the context itself cannot be pickled.
import prefect
from prefect.task import Task
from prefect.utilities.tasks import contains_task, defaults_from_attrs, task

if TYPE_CHECKING:
    from prefect.backend import FlowRunView
    from prefect.engine.state import State
    from prefect.run_configs import RunConfig

__all__ = ["StartFlowRun", "create_flow_run", "get_task_run_result", "wait_for_flow_run"]

#: 1.x asked the server now and then, and did not let anybody ask more often.
_SHORTEST_INTERVAL_SECONDS = 3


@task
def create_flow_run(
    flow_id: str = None,  # type: ignore[assignment]  # noqa: RUF013 - as 1.x serializes it
    flow_name: str = None,  # type: ignore[assignment]  # noqa: RUF013 - as above
    project_name: str = "",
    parameters: dict = None,  # type: ignore[type-arg, assignment]  # noqa: RUF013 - as above
    context: dict = None,  # type: ignore[type-arg, assignment]  # noqa: RUF013 - as above
    labels: Iterable[str] = None,  # type: ignore[assignment]  # noqa: RUF013 - as above
    run_name: str = None,  # type: ignore[assignment]  # noqa: RUF013 - as above
    run_config: Optional["RunConfig"] = None,
    scheduled_start_time: datetime | timedelta | None = None,
    idempotency_key: str = None,  # type: ignore[assignment]  # noqa: RUF013 - as above
) -> str:
    """Create a run of another flow and return its id.

    Args:
        flow_id: Id of the flow or of its flow group.
        flow_name: Name of the flow, instead of an id.
        project_name: Project of the flow of that name; empty for any.
        parameters: Parameter name → value.
        context: Values for the ``prefect.context`` of the run.
        labels: In place of those of the flow.
        run_name: Name of the run; by default the name of this run, a hyphen, the name of the flow.
        run_config: In place of that of the flow.
        scheduled_start_time: When the run is to begin, or how long after now; by default now.
        idempotency_key: Of all calls with the same key only the first creates a run; by default the id of this task run,
            so that a retry creates no second one.

    Raises:
        ClientError: The flow is archived, or parameters are unknown or missing.
        ValueError: Both or neither of id and name are given, or there is no such flow.
    """
    from prefect.backend.flow import FlowView
    from prefect.client import Client

    if flow_id and flow_name:
        raise ValueError("Received both `flow_id` and `flow_name`. Only one flow identifier can be passed.")
    if not flow_id and not flow_name:
        raise ValueError("Both `flow_id` and `flow_name` are null. You must pass a flow identifier.")
    flow = FlowView.from_id(flow_id) if flow_id else FlowView.from_flow_name(flow_name, project_name=project_name)
    parent = prefect.context.get("flow_run_name")
    run_name = run_name or (f"{parent}-{flow.name}" if parent else None)  # type: ignore[assignment]
    client = Client()
    flow_run_id = client.create_flow_run(
        flow_id=flow.flow_id,
        parameters=parameters,
        context=context,
        labels=labels,
        run_name=run_name,
        run_config=run_config,
        scheduled_start_time=_moment(scheduled_start_time),
        idempotency_key=idempotency_key or _key_of_this_task_run(),
    )
    url = client.get_cloud_url("flow-run", flow_run_id)
    prefect.context.logger.info("Created flow run %r: %s", run_name or flow_run_id, url)
    return flow_run_id


@task
def wait_for_flow_run(
    flow_run_id: str,
    stream_states: bool = True,
    stream_logs: bool = False,
    raise_final_state: bool = False,
    max_duration: timedelta = timedelta(hours=12),
) -> "FlowRunView":
    """Wait until a flow run is finished and return its view.

    Args:
        flow_run_id: Id of the flow run.
        stream_states: Log its states here.
        stream_logs: Log its lines here.
        raise_final_state: End this task in the state of the flow run.
        max_duration: How long to wait.

    Raises:
        PrefectStateSignal: The signal of that state, if ``raise_final_state`` is set; its result is the view.
        RuntimeError: The flow run was not finished in time.
        ValueError: There is no such flow run.
    """
    from prefect.backend.flow_run import FlowRunView, watch_flow_run

    run = FlowRunView.from_flow_run_id(flow_run_id)
    for log in watch_flow_run(
        flow_run_id, stream_states=stream_states, stream_logs=stream_logs, max_duration=max_duration
    ):
        prefect.context.logger.log(log.level, "Flow %r: %s", run.name, log.message)
    run = run.get_latest()
    if raise_final_state:
        _end_like(run.state, f"{flow_run_id} finished in state {run.state}", run)
    return run


@task
def get_task_run_result(flow_run_id: str, task_slug: str, map_index: int = -1, poll_time: int = 5) -> Any:
    """Return the result of a task of another flow run, once that run is finished.

    Args:
        flow_run_id: Id of the flow run.
        task_slug: Slug of the task in its flow.
        map_index: Number of the mapped child; -1 gives the results of all children of a mapped task.
        poll_time: Kept for 1.x.

    Raises:
        TypeError: The task run has no result, or it is of a class of the flow's own.
        ValueError: The flow run is this one, there is no such task run, or its result was not stored.
    """
    from prefect.backend.flow_run import FlowRunView
    from prefect.backend.following import looks

    if not task_slug:
        raise ValueError("Required argument `task_slug` is empty. `flow.slugs` has the slug of each task.")
    if flow_run_id == prefect.context.get("flow_run_id"):
        raise ValueError(
            "Given `flow_run_id` is the same as the currently running flow. The `get_task_run_result` task cannot be used"
            " to retrieve results from the flow run it belongs to."
        )
    run = FlowRunView.from_flow_run_id(flow_run_id)
    if not run.state.is_finished():
        prefect.context.logger.debug("Waiting for flow run %s to finish before retrieving result...", flow_run_id)
        for _ in looks(flow_run_id):
            pass
    return run.get_latest().get_task_run(task_slug, map_index=map_index).get_result()


class StartFlowRun(Task):
    """Starts a run of another flow; ``create_flow_run`` and ``wait_for_flow_run`` do more.

    Args:
        flow_name: Name of the flow, of which the newest version is run.
        project_name: Its project.
        parameters: Parameter name → value; what tasks return is handed over when the task is called.
        run_config: In place of that of the flow.
        wait: End in the state of the run rather than with its id.
        new_flow_context: Values for the ``prefect.context`` of the run.
        run_name: Name of the run.
        scheduled_start_time: When the run is to begin; by default now.
        poll_interval: Kept for 1.x: the end of a run is seen at once.
        create_link_artifact: Show a link to the run with this task.
        **kwargs: Arguments of ``Task``; the name is ``Flow <flow_name>`` unless given.

    Raises:
        TypeError: A task is among the parameters, or the interval is no ``timedelta``.
        ValueError: The interval is shorter than three seconds.
    """

    def __init__(
        self,
        flow_name: str | None = None,
        project_name: str | None = None,
        parameters: dict[str, Any] | None = None,
        run_config: "RunConfig | None" = None,
        wait: bool = False,
        new_flow_context: dict[str, Any] | None = None,
        run_name: str | None = None,
        scheduled_start_time: datetime | None = None,
        poll_interval: timedelta = timedelta(seconds=10),
        create_link_artifact: bool = True,
        **kwargs: Any,
    ) -> None:
        if contains_task(parameters):
            raise TypeError(
                "An instance of `Task` was passed to the `StartFlowRun` constructor via the `parameters` kwarg."
                " Pass these parameters when calling the task instead: StartFlowRun(...)(parameters=...)."
            )
        if not isinstance(poll_interval, timedelta):
            raise TypeError(f"`poll_interval` is {poll_interval!r}. Give a timedelta, or leave it out.")
        seconds = poll_interval.total_seconds()
        if seconds < _SHORTEST_INTERVAL_SECONDS:
            raise ValueError(f"`poll_interval` needs to be at least 3 seconds, not {seconds:g}. Leave it out.")
        if flow_name:
            kwargs.setdefault("name", f"Flow {flow_name}")
        self.flow_name = flow_name
        self.project_name = project_name
        self.parameters = parameters
        self.run_config = run_config
        self.wait = wait
        self.new_flow_context = new_flow_context
        self.run_name = run_name
        self.scheduled_start_time = scheduled_start_time
        self.poll_interval = poll_interval
        self.create_link_artifact = create_link_artifact
        super().__init__(**kwargs)

    @defaults_from_attrs(
        "flow_name",
        "project_name",
        "parameters",
        "run_config",
        "new_flow_context",
        "run_name",
        "scheduled_start_time",
    )
    def run(
        self,
        flow_name: str = None,  # type: ignore[assignment]  # noqa: RUF013 - as 1.x serializes it
        project_name: str = None,  # type: ignore[assignment]  # noqa: RUF013 - as above
        parameters: dict = None,  # type: ignore[type-arg, assignment]  # noqa: RUF013 - as above
        run_config: Optional["RunConfig"] = None,
        new_flow_context: dict = None,  # type: ignore[type-arg, assignment]  # noqa: RUF013 - as above
        run_name: str = None,  # type: ignore[assignment]  # noqa: RUF013 - as above
        idempotency_key: str = None,  # type: ignore[assignment]  # noqa: RUF013 - as above
        scheduled_start_time: datetime = None,  # type: ignore[assignment]  # noqa: RUF013 - as above
    ) -> str:
        """Start the run and return its id; arguments replace those of the task.

        Args:
            flow_name: See the class, as for the others.
            project_name: Likewise.
            parameters: Likewise.
            run_config: Likewise.
            new_flow_context: Likewise.
            run_name: Likewise.
            idempotency_key: Of all calls with the same key only the first creates a run; by default the id of this task
                run, so that a retry creates no second one.
            scheduled_start_time: See the class.

        Raises:
            ClientError: Parameters are unknown or missing.
            PrefectStateSignal: The signal of the run's final state, if the task waits for it.
            ValueError: Flow or project are not named, or there is no such flow.
        """
        from prefect.backend.artifacts import create_link_artifact
        from prefect.backend.flow import FlowView
        from prefect.client import Client

        if not flow_name:
            raise ValueError("Must provide a flow name. Give `flow_name` to StartFlowRun(…) or to its run(…).")
        if not project_name:
            raise ValueError("Must provide a project name. Give `project_name` to StartFlowRun(…) or to its run(…).")
        client = Client()
        flow_run_id = client.create_flow_run(
            flow_id=FlowView.from_flow_name(flow_name, project_name, last_updated=True).flow_id,
            parameters=parameters,
            run_config=run_config,
            context=new_flow_context,
            run_name=run_name,
            scheduled_start_time=scheduled_start_time,
            idempotency_key=idempotency_key or _key_of_this_task_run(),
        )
        url = client.get_cloud_url("flow-run", flow_run_id)
        self.logger.info("Flow Run: %s", url)
        if self.create_link_artifact:
            create_link_artifact(url)
        if self.wait:
            run = wait_for_flow_run.run(flow_run_id, stream_states=False)
            _end_like(run.state, f"{flow_run_id} finished in state {run.state}", flow_run_id)
        return flow_run_id


def _key_of_this_task_run() -> str | None:
    task_run_id: str | None = prefect.context.get("task_run_id")
    map_index = prefect.context.get("map_index")
    return task_run_id if task_run_id is None or map_index is None else f"{task_run_id}-{map_index}"


def _moment(start: datetime | timedelta | None) -> datetime | None:
    return datetime.now(timezone.utc) + start if isinstance(start, timedelta) else start


def _end_like(state: "State", message: str, result: Any) -> NoReturn:
    """Raise what ends the running task in a state of this class."""
    from prefect.engine.signals import ENDRUN, signal_from_state

    try:
        signal = signal_from_state(state)
    except ValueError:
        raise ENDRUN(type(state)(message, result)) from None  # Cancelled, for one
    raise signal(message, result=result)
