"""``Webhook``: a flow that is sent to and fetched from a web service."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from prefect.context import context
from prefect.exceptions import FlowStorageError
from prefect.storage.code.base import Storage
from prefect.storage.code.web_requests import send
from prefect.utilities.storage import extract_flow_from_code, flow_from_bytes_pickle, flow_to_bytes_pickle

if TYPE_CHECKING:
    from typing_extensions import Self

    from prefect.flow import Flow

_METHODS = ("GET", "PATCH", "POST", "PUT")


class Webhook(Storage):
    """One flow, kept by a web service.

    ``${NAME}`` in a text of the requests stands for an environment variable, or else for a secret; ``$$`` is a dollar sign.
    What is sent is the body of the request, and the same has to be answered later. Requests need the extra
    ``praefectus[webhook]``.

    Args:
        build_request_kwargs: The request that stores the flow: arguments of ``requests.request``, such as ``url``,
            ``headers``, ``params``, ``auth``, ``verify``. ``timeout`` is 60 seconds unless given.
        build_request_http_method: Its method: ``GET``, ``PATCH``, ``POST`` or ``PUT``.
        get_flow_request_kwargs: The request that fetches the flow, likewise.
        get_flow_request_http_method: Its method.
        stored_as_script: Keep the script that defines the flow.
        flow_script_path: That script on this machine; by default the file that is being loaded.
        kwargs: Arguments of :class:`~prefect.storage.Storage`.

    Raises:
        RuntimeError: A method is unknown.

    Source:
        core.md §16.4.
    """

    def __init__(
        self,
        build_request_kwargs: dict[str, Any],
        build_request_http_method: str,
        get_flow_request_kwargs: dict[str, Any],
        get_flow_request_http_method: str,
        stored_as_script: bool = False,
        flow_script_path: str | None = None,
        **kwargs: Any,
    ) -> None:
        for method in (build_request_http_method, get_flow_request_http_method):
            if method not in _METHODS:
                raise RuntimeError(f"HTTP method {method!r} not recognized. Use one of {', '.join(_METHODS)}.")
        self.build_request_kwargs = build_request_kwargs
        self.build_request_http_method = build_request_http_method
        self.get_flow_request_kwargs = get_flow_request_kwargs
        self.get_flow_request_http_method = get_flow_request_http_method
        self.flow_script_path: str | None = flow_script_path or context.get("local_script_path")
        super().__init__(stored_as_script=stored_as_script, **kwargs)

    @property
    def source_file(self) -> str | None:
        """Absolute path of the script on this machine."""
        return None if self.flow_script_path is None else os.path.abspath(self.flow_script_path)

    def add_flow(self, flow: Flow) -> str:
        """Make a flow the one that is kept, and return its name."""
        self.flows.clear()
        self._flows.clear()
        return self._added(flow, flow.name)

    def build(self) -> Self:
        """Send the flow that was added, if there is one, and return this storage.

        Raises:
            FlowStorageError: The service does not take it.
            ImportError: requests is not installed.
            RuntimeError: The script is not known or does not exist, or the request names what is neither an environment
                variable nor a secret.
            Exception: Whatever cloudpickle raises for a flow that cannot be pickled.
        """
        self.run_basic_healthchecks()
        if "data" in self.build_request_kwargs:
            self.logger.warning("The flow is sent instead of the `data` in `build_request_kwargs`. Leave that out.")
        for flow in self._flows.values():
            self.logger.info("Uploading flow %r", flow.name)
            send(
                self.build_request_http_method,
                self.build_request_kwargs,
                f"Storing the flow {flow.name!r}",
                body=self._script() if self.stored_as_script else flow_to_bytes_pickle(flow),
            )
            self.logger.info("Successfully uploaded flow %r", flow.name)
        return self

    def get_flow(self, flow_name: str) -> Flow:
        """Fetch a flow, and unpickle it or execute its script.

        Raises:
            ValueError: There is no flow of that name.
            FlowStorageError: The service does not give it, or gives what is no flow.
            ImportError: requests is not installed.
            RuntimeError: The request names what is neither an environment variable nor a secret.
            Exception: Whatever the script raises.
        """
        self._location(flow_name)
        what = f"Fetching the flow {flow_name!r}"
        content = send(self.get_flow_request_http_method, self.get_flow_request_kwargs, what)
        address = self.get_flow_request_kwargs["url"]
        if self.stored_as_script:
            return extract_flow_from_code(content, flow_name, address)
        try:
            return flow_from_bytes_pickle(content)
        except FlowStorageError as error:
            raise FlowStorageError(f"{error} It was answered by {address}.") from error.__cause__

    def _script(self) -> bytes:
        if self.flow_script_path is None:
            raise RuntimeError(
                "The script of the Webhook storage is not known: flow_script_path must be provided if stored_as_script=True."
            )
        try:
            with open(os.path.expanduser(self.flow_script_path), "rb") as file:
                return file.read()
        except OSError as error:
            raise RuntimeError(
                f"The file {self.flow_script_path!r} passed to flow_script_path cannot be read: {error.strerror}."
            ) from error
