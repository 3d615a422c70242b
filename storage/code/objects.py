"""What stores of keys and objects have in common."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from prefect.context import context
from prefect.storage.code.base import Storage
from prefect.storage.code.files import new_location

if TYPE_CHECKING:
    from typing_extensions import Self

    from prefect.flow import Flow


class ScriptOrPickle(Storage):
    """Flows as objects: pickles, or the scripts that define them.

    Args:
        key: Key of the object; by default made of the flow's name and the time.
        stored_as_script: Keep the script that defines the flow.
        local_script_path: That script on this machine; by default the file that is being loaded.
        kwargs: Arguments of :class:`~prefect.storage.Storage`.

    Source:
        core.md §16.4.
    """

    def __init__(self, key: str | None, stored_as_script: bool, local_script_path: str | None, **kwargs: Any) -> None:
        self.key = key
        self.local_script_path: str | None = local_script_path or context.get("local_script_path")
        super().__init__(stored_as_script=stored_as_script, **kwargs)

    @property
    def source_file(self) -> str | None:
        """Absolute path of the script on this machine."""
        return None if self.local_script_path is None else os.path.abspath(self.local_script_path)

    def add_flow(self, flow: Flow) -> str:
        """Add a flow, which ``build`` uploads, and return the key of its object.

        Raises:
            ValueError: A flow of that name is already there.
        """
        return self._added(flow, self.key or new_location(flow))

    def build(self) -> Self:
        """Upload what is not there yet, and return this storage.

        Raises:
            ValueError: Neither the script nor the key of an uploaded one is known.
            FlowStorageError: It cannot be uploaded.
        """
        if not self.stored_as_script or self.local_script_path:
            self._refuse_to_store()
        if not self.key:
            raise ValueError(
                f"{self!r} knows no script. Provide the path of one to upload as `local_script_path`,"
                " or the `key` of one that is there already."
            )
        return super().build()
