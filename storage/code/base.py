"""``Storage``: what all places for flow code have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, NoReturn

from prefect.configuration import config
from prefect.exceptions import FlowStorageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from logging import Logger

    from typing_extensions import Self

    from prefect.engine.result import Result
    from prefect.flow import Flow


class Storage(ABC):
    """A place where the code of flows is kept.

    Args:
        result: Where the flows' values are stored, unless a flow says otherwise.
        secrets: Names of the secrets that a run has to know before its flow is fetched.
        labels: Labels of the flows' runs.
        add_default_labels: Add the labels that the place brings along; by default as config
            ``flows.defaults.storage.add_default_labels`` says.
        stored_as_script: Keep a flow as the file that defines it, not as a pickle.

    Attributes:
        flows: Name of each flow → its location in this place.

    Raises:
        TypeError: The secrets or labels are one string.

    Source:
        core.md §16.1.
    """

    #: Extra of a later version that will bring what a class of this package cannot do yet.
    _extra: str | None = None

    def __init__(
        self,
        result: Result | None = None,
        secrets: Iterable[str] | None = None,
        labels: Iterable[str] | None = None,
        add_default_labels: bool | None = None,
        stored_as_script: bool = False,
    ) -> None:
        for name, given in (("secrets", secrets), ("labels", labels)):
            if isinstance(given, str):
                raise TypeError(
                    f"The {name} of {type(self).__name__} storage are one string, {given!r}. Give a list of {name}."
                )
        self.result = result
        self.secrets = list(secrets or ())
        self.stored_as_script = stored_as_script
        self.add_default_labels: bool = (
            config.flows.defaults.storage.add_default_labels if add_default_labels is None else add_default_labels
        )
        self.flows: dict[str, str] = {}
        self._flows: dict[str, Flow] = {}
        self._labels = list(labels or ())

    @property
    def logger(self) -> Logger:
        """The logger ``prefect.<class name>``."""
        from prefect.utilities.logging import get_logger

        return get_logger(type(self).__name__)

    @property
    def name(self) -> str:
        """Name of the place."""
        return type(self).__name__

    @property
    def default_labels(self) -> list[str]:
        """Labels that the place brings along."""
        return []

    @property
    def labels(self) -> list[str]:
        """Labels of the flows' runs."""
        defaults = self.default_labels if self.add_default_labels else []
        return list(dict.fromkeys([*self._labels, *defaults]))

    @property
    def source_file(self) -> str | None:
        """Absolute path of the file on this machine that defines the flows, if that is known."""
        return None

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name in self.flows

    def __repr__(self) -> str:
        return f"<Storage: {type(self).__name__}>"

    def __getstate__(self) -> dict[str, Any]:
        # A pickled flow takes its storage along, but not the other flows that are kept there.
        return {**self.__dict__, "_flows": {}}

    @abstractmethod
    def add_flow(self, flow: Flow) -> str:
        """Add a flow and return its location.

        Raises:
            ValueError: A flow of that name is already there, or the location is not known.
        """

    def get_flow(self, flow_name: str) -> Flow:
        """Fetch a flow.

        Raises:
            ValueError: There is no flow of that name.
            FlowStorageError: The flow cannot be fetched.
            NotImplementedError: The class does not say how.
        """
        location = self._location(flow_name)
        if self._extra is None:
            raise NotImplementedError(f"{type(self).__name__} does not say how to fetch a flow. Define its `get_flow`.")
        raise FlowStorageError(
            f"The flow {flow_name!r} cannot be fetched from {location!r}, since {self._comes_later()}."
            " Register the flow with Local, Module, Git or Webhook storage instead."
        )

    def build(self) -> Self:
        """Store what is not stored yet, and return this storage.

        Raises:
            FlowStorageError: It cannot be stored.
        """
        self.run_basic_healthchecks()
        return self

    def run_basic_healthchecks(self) -> None:
        """Warn of tasks whose retries or caches need values that are stored nowhere."""
        from prefect.storage.code.health_checks import warn_of_missing_results

        for flow in self._flows.values():
            warn_of_missing_results(flow)

    def serialize(self) -> dict[str, Any]:
        """Return the storage in the 1.x JSON form (core.md §20.7).

        Raises:
            ValidationError: The class is none of this package, or JSON cannot hold what it is told.
        """
        from prefect.serialization.storages import serialize_storage

        return serialize_storage(self)

    def _added(self, flow: Flow, location: str | None, *, argument: str = "path") -> str:
        """Note where a flow is, and return that.

        Args:
            flow: The flow.
            location: Where it is.
            argument: Which argument of the class says so.
        """
        self._refuse_second(flow)
        if not location:
            raise ValueError(
                f"{self!r} does not say where the code of the flow {flow.name!r} is. Provide `{argument}`."
            )
        self.flows[flow.name] = location
        self._flows[flow.name] = flow
        return location

    def _refuse_second(self, flow: Flow) -> None:
        if flow.name in self.flows:
            raise ValueError(
                f"Name conflict: a flow named {flow.name!r} is already present in {self!r}."
                " Rename one of the two, or make a new storage."
            )

    def _refuse_to_store(self) -> NoReturn:
        flows = f"{'flow' if len(self.flows) == 1 else 'flows'} {', '.join(map(repr, self.flows))}"
        raise FlowStorageError(
            f"The {flows} cannot be stored, since {self._comes_later()}."
            " Use Local, Module, Git or Webhook storage; `flow.register(build=False)` registers what is stored already."
        )

    def _comes_later(self) -> str:
        return f'{type(self).__name__} storage comes in a later version, with the extra "praefectus[{self._extra}]"'

    def _location(self, flow_name: str) -> str:
        """Return where a flow is."""
        if flow_name not in self.flows:
            known = ", ".join(map(repr, self.flows)) or "none"
            raise ValueError(f"Flow {flow_name!r} is not contained in {self!r}. Found flows: {known}.")
        return self.flows[flow_name]
