"""``AzureResult``: values kept in Azure Blob Storage."""

from __future__ import annotations

from typing import Any, ClassVar

from prefect.engine.results._later import LaterResult


class AzureResult(LaterResult):
    """A result stored as a blob of an Azure container, with its location as name.

    Args:
        container: Name of the container.
        connection_string: Tells how to connect to Azure.
        connection_string_secret: Name of the secret that holds the connection string. Without either, the environment
            variable ``AZURE_STORAGE_CONNECTION_STRING`` holds it, and is not copied into the result.
        kwargs: ``value``, ``location`` and ``serializer`` of :class:`~prefect.engine.result.Result`.

    Source:
        core.md §9.2.
    """

    _extra: ClassVar[str] = "azure"

    def __init__(
        self,
        container: str,
        connection_string: str | None = None,
        connection_string_secret: str | None = None,
        **kwargs: Any,
    ) -> None:
        self.container = container
        self.connection_string = connection_string
        self.connection_string_secret = connection_string_secret
        super().__init__(**kwargs)
