"""``Azure``: flows in a container of Azure Blob Storage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from prefect.storage.code.base import Storage
from prefect.storage.code.files import new_location

if TYPE_CHECKING:
    from prefect.flow import Flow


class Azure(Storage):
    """Flows as pickles in a container of Azure Blob Storage.

    Args:
        container: Name of the container.
        connection_string_secret: Name of the secret that holds the connection string; by default the environment variable
            ``AZURE_STORAGE_CONNECTION_STRING`` holds it.
        blob_name: Name of the blob; by default made of the flow's name and the time.
        overwrite: Replace a blob of that name.
        stored_as_script: Keep the script that defines the flow.
        kwargs: Arguments of :class:`~prefect.storage.Storage`. The result is an ``AzureResult`` of the same container unless
            given.

    Source:
        core.md §16.4.
    """

    _extra = "azure"

    def __init__(
        self,
        container: str,
        connection_string_secret: str | None = None,
        blob_name: str | None = None,
        overwrite: bool = False,
        stored_as_script: bool = False,
        **kwargs: Any,
    ) -> None:
        if kwargs.get("result") is None:
            from prefect.engine.results import AzureResult

            kwargs["result"] = AzureResult(container, connection_string_secret=connection_string_secret)
        self.container = container
        self.connection_string_secret = connection_string_secret
        self.blob_name = blob_name
        self.overwrite = overwrite
        super().__init__(stored_as_script=stored_as_script, **kwargs)

    def add_flow(self, flow: Flow) -> str:
        """Add a flow, which ``build`` uploads, and return the name of its blob.

        Raises:
            ValueError: A flow of that name is already there.
        """
        return self._added(flow, self.blob_name or new_location(flow))

    def build(self) -> NoReturn:
        """Upload the flows.

        Raises:
            FlowStorageError: They cannot be uploaded.
        """
        self._refuse_to_store()
