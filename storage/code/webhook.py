"""``Webhook``: a flow that is sent to and fetched from a web service."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NoReturn

from prefect.storage.code.base import Storage

if TYPE_CHECKING:
    from prefect.flow import Flow

_METHODS = ("GET", "PATCH", "POST", "PUT")


class Webhook(Storage):
    """One flow, kept by a web service.

    ``${NAME}`` in a text of the requests stands for an environment variable, or else for a secret.

    Args:
        build_request_kwargs: The request that stores the flow: ``url``, ``headers``, ``params`` and so on.
        build_request_http_method: Its method: ``GET``, ``PATCH``, ``POST`` or ``PUT``.
        get_flow_request_kwargs: The request that fetches the flow, likewise.
        get_flow_request_http_method: Its method.
        stored_as_script: Keep the script that defines the flow.
        flow_script_path: That script on this machine.
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
        self.flow_script_path = flow_script_path
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

    def build(self) -> NoReturn:
        """Send the flow.

        Raises:
            FlowStorageError: It cannot be sent.
        """
        self._refuse_to_store()
