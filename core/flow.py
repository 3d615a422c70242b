"""``Flow``: a named graph of tasks, and how it is built and run.

Source: core.md §2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.context import ABSENT, context, pop, push
from prefect.flow_graph import FlowGraph
from prefect.logger_attribute import LoggerAttribute
from prefect.task_arguments import state_handlers as handlers_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from prefect.edge import Edge
    from prefect.engine.result import Result
    from prefect.engine.state import State
    from prefect.executors import Executor
    from prefect.run_configs import RunConfig
    from prefect.schedules import Schedule
    from prefect.storage import Storage
    from prefect.task import Task
    from prefect.task_arguments import StateHandler


#: Tasks that a warning names; of more it only tells the number.
_MOST_NAMED = 10


class Flow(FlowGraph):
    """A named graph of tasks.

    Args:
        name: Name of the flow.
        schedule: When to run (core.md §13).
        executor: How tasks are run; one after another in this thread by default.
        run_config: How and where an agent runs the flow; filled in by ``register``.
        storage: Where the code of the flow is kept; filled in by ``register``.
        tasks: Tasks to add.
        edges: Edges to add.
        reference_tasks: Tasks that decide whether the flow succeeds; the terminal ones by default.
        state_handlers: Called as ``handler(flow, old_state, new_state)`` at each change of state.
        on_failure: Called as ``on_failure(flow, state)`` at each failure.
        validate: Check each edge as it is added; by default as config ``flows.eager_edge_validation`` says.
        result: Where values of tasks without a result of their own are stored.
        terminal_state_handler: Called as ``handler(flow, state, reference_task_states)`` at the end of each pass;
            what it returns replaces the state unless it is None.

    Raises:
        ValueError: The name is empty.
        TypeError: ``state_handlers`` have no order.
    """

    def __init__(
        self,
        name: str,
        schedule: Schedule | None = None,
        executor: Executor | None = None,
        run_config: RunConfig | None = None,
        storage: Storage | None = None,
        tasks: Iterable[Task] | None = None,
        edges: Iterable[Edge] | None = None,
        reference_tasks: Iterable[Task] | None = None,
        state_handlers: Sequence[StateHandler] | None = None,
        on_failure: Callable[[Flow, State], Any] | None = None,
        validate: bool | None = None,
        result: Result | None = None,
        terminal_state_handler: Callable[[Flow, State, set[State]], State | None] | None = None,
    ) -> None:
        if not name:
            raise ValueError("A flow needs a name. Give it one: Flow('my-flow').")
        super().__init__()
        self.name = name
        self.schedule = schedule
        self.executor = executor
        self.run_config = run_config
        self.storage = storage
        self.result = result
        self.terminal_state_handler = terminal_state_handler
        self.state_handlers = handlers_of(state_handlers, on_failure)
        for task in tasks or ():
            self.add_task(task)
        self.set_reference_tasks(reference_tasks or ())
        for edge in edges or ():
            self.add_edge(
                edge.upstream_task,
                edge.downstream_task,
                key=edge.key,
                mapped=edge.mapped,
                flattened=edge.flattened,
                validate=validate,
            )

    logger = LoggerAttribute()

    def __repr__(self) -> str:
        return f'<Flow: name="{self.name}">'

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return False
        assert isinstance(other, Flow)
        return (
            self.name == other.name
            and self.tasks == other.tasks
            and self.edges == other.edges
            and self.reference_tasks() == other.reference_tasks()
        )

    __hash__ = None  # type: ignore[assignment]

    # ---- building ----------------------------------------------------------------------------------------------

    def __enter__(self) -> Flow:
        created: dict[Task, None] = {}
        # What every added task asks for stands in the newest layer, where it is found at once.
        outer = {name: context.get(name, ABSENT) for name in ("tags", "case", "resource", "mapped")}
        token = push({"flow": self, "_unused_task_tracker": created, **outer})
        self.__dict__.setdefault("_entered", []).append((token, created))
        return self

    def __exit__(self, exc_type: type[BaseException] | None, *exc_info: object) -> None:
        entered = self.__dict__["_entered"]
        token, created = entered.pop()
        if not entered:
            del self.__dict__["_entered"]
        pop(token)
        unused = [task for task in created if task not in self.tasks]
        if unused and exc_type is None:
            import warnings

            named = ", ".join(map(repr, unused[:_MOST_NAMED]))
            more = f" and {len(unused) - _MOST_NAMED:,} more" if len(unused) > _MOST_NAMED else ""
            warnings.warn(
                f"Tasks were created but not added to the flow {self.name!r}: {named}{more}."
                " Call each of them, or use it as the input of another task.",
                UserWarning,
                stacklevel=2,
            )

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_entered"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        if "_prefect_version" in state:  # an attribute of flows of the 1.x line, whose classes have the same names
            from prefect.exceptions import FlowStorageError

            raise FlowStorageError(
                f"The flow {state.get('name')!r} was pickled by Prefect {state['_prefect_version']}, whose pickles cannot be"
                " used here. Register or save it again from the file that defines it."
            )
        self.__dict__.update(state)

    def copy(self) -> Flow:
        """Return a flow with the same tasks and edges, to which others can be added."""
        new = type(self).__new__(type(self))
        new.__dict__.update(self.__getstate__())
        new.tasks, new.edges, new.slugs = self.tasks.copy(), self.edges.copy(), self.slugs.copy()
        new.constants = self.constants.copy()
        for task, values in self.constants.items():
            new.constants[task] = values.copy()
        new.state_handlers = self.state_handlers.copy()
        new._slug_counters, new._used_slugs = self._slug_counters.copy(), self._used_slugs.copy()
        new._reference_tasks = self._reference_tasks.copy()
        new._reset_index()
        return new

    # ---- running -----------------------------------------------------------------------------------------------

    def run(
        self,
        parameters: dict[str, Any] | None = None,
        run_on_schedule: bool | None = None,
        runner_cls: type | None = None,
        **kwargs: Any,
    ) -> State | None:
        """Run the flow in this process and return its final state, whose ``result`` maps each task to its state.

        Args:
            parameters: Parameter name → value.
            run_on_schedule: Wait for each time of the flow's schedule and run then, until there is none; by default as
                config ``flows.run_on_schedule`` says.
            runner_cls: Class that runs one pass; by default config ``engine.flow_runner.default_class``.
            **kwargs: Parameters by name, and ``context``, ``state``, ``task_states``, ``task_contexts``, ``executor``,
                ``task_runner_state_handlers``, ``flow_run_id``, ``flow_run_name``, ``observer``.

        Raises:
            RuntimeError: Called inside the flow's own ``with`` block.
            ValueError: A parameter is unknown or missing, or the schedule has no time left.
            TypeError: An argument is neither a parameter nor an option.
        """
        from prefect.engine.flow_loop import run_flow

        return run_flow(self, parameters, run_on_schedule, runner_cls, kwargs)

    def register(
        self,
        project_name: str | None = None,
        build: bool = True,
        labels: Iterable[str] | None = None,
        set_schedule_active: bool = True,
        version_group_id: str | None = None,
        no_url: bool = False,
        idempotency_key: str | None = None,
        **kwargs: Any,
    ) -> str | None:
        """Register this flow with the backend and return the id of the new version; see core.md §2.9.

        Raises:
            ValueError: Called inside the flow's own ``with`` block, or there is no such project.
            ClientError: The backend refused the flow.
        """
        from prefect.registration import register_flow

        return register_flow(
            self,
            project_name,
            build=build,
            labels=labels,
            set_schedule_active=set_schedule_active,
            version_group_id=version_group_id,
            no_url=no_url,
            idempotency_key=idempotency_key,
            storage_options=kwargs,
        )

    def run_agent(
        self,
        token: str | None = None,
        show_flow_logs: bool = False,
        log_to_cloud: bool | None = None,
        api_key: str | None = None,
    ) -> None:
        """Run a local agent in this process, which takes the runs of this flow and others with its labels, until Ctrl-C.

        Its labels are those of the run config and the name of this machine.

        Args:
            token: As ``api_key`` was called before.
            show_flow_logs: Print what runs print.
            log_to_cloud: Whether the log lines of runs are kept; config ``cloud.send_flow_run_logs`` by default.
            api_key: Key for a server; config ``cloud.api_key`` by default.

        Raises:
            ClientError: The backend is not the local one.
        """
        from prefect.registration import run_agent_of_flow

        run_agent_of_flow(self, token, show_flow_logs, log_to_cloud, api_key)

    # ---- showing and keeping -----------------------------------------------------------------------------------

    def visualize(
        self,
        flow_state: State | None = None,
        filename: str | None = None,
        format: str | None = None,
        horizontal: bool = False,
    ) -> Any:
        """Draw the flow with Graphviz and return the ``graphviz.Digraph``; see ``prefect.visualize``.

        Args:
            flow_state: Final state of a run, whose colours and mapped children are shown.
            filename: File to write, without an extension; by default the picture is opened.
            format: Format of the file, by default pdf.
            horizontal: Draw from left to right.

        Raises:
            ImportError: The ``viz`` extra is not installed.
        """
        from prefect.visualize import visualize

        return visualize(self, flow_state=flow_state, filename=filename, format=format, horizontal=horizontal)

    def serialize(self, build: bool = False) -> dict[str, Any]:
        """Return the flow in the 1.x JSON form (core.md §20.1), with slugs written onto its tasks.

        Args:
            build: Add the flow to its storage and build that first.

        Raises:
            ValueError: The flow is not valid, or ``build`` is asked for without a storage.
            ValidationError: Something in the flow cannot be written as JSON, or as 1.x writes it. It is a ``ValueError``.
            FlowStorageError: The storage cannot be built.
        """
        from prefect.serialization import serialize_flow

        return serialize_flow(self, build=build)

    def serialized_hash(self, build: bool = False) -> str:
        """Return the SHA-256, as hex digits, of the key-sorted JSON of :meth:`serialize`."""
        import hashlib
        import json

        document = json.dumps(self.serialize(build=build), sort_keys=True)
        return hashlib.sha256(document.encode()).hexdigest()

    def save(self, fpath: str | None = None) -> str:
        """Pickle the flow into a file and return its path, by default ``<home>/flows/<slug of the name>.prefect``."""
        from prefect.utilities.storage import save_flow

        return save_flow(self, fpath)

    @classmethod
    def load(cls, fpath: str) -> Flow:
        """Return the flow pickled at an absolute path, or saved under a name.

        Raises:
            FileNotFoundError: There is no such file.
            FlowStorageError: The file cannot be read as a flow.
        """
        from prefect.utilities.storage import load_flow

        return load_flow(fpath)

    def diagnostics(self, include_secret_names: bool = False) -> str:
        """Return JSON about this flow and its surroundings, without any secret, for a bug report."""
        from prefect.utilities.diagnostics import diagnostic_info

        return diagnostic_info(self, include_secret_names=include_secret_names)
