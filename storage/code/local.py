"""``Local``: flows in files of one machine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from prefect.storage.code.base import Storage
from prefect.storage.code.files import flow_at, new_location
from prefect.utilities.filesystems import home_dir, keep_file, make_folders
from prefect.utilities.storage import flow_to_bytes_pickle

if TYPE_CHECKING:
    from prefect.flow import Flow


class Local(Storage):
    """Flows as pickles in a folder, or as the scripts that define them.

    Runs need an agent that sees the same files; the name of this machine is a default label for that reason.

    Args:
        directory: Folder of the pickles; ``<home_dir>/flows`` unless given.
        validate: Make the folder absolute and create it now.
        path: File of the flow, instead of one in the folder; for a script also an importable module.
        stored_as_script: ``path`` is the script that defines the flow.
        kwargs: Arguments of :class:`~prefect.storage.Storage`. The result is a ``LocalResult`` unless given; it
            stores values in ``directory``, or in ``<home_dir>/results`` if there is none.

    Source:
        core.md §16.2.
    """

    def __init__(
        self,
        directory: str | os.PathLike[str] | None = None,
        validate: bool = True,
        path: str | os.PathLike[str] | None = None,
        stored_as_script: bool = False,
        **kwargs: Any,
    ) -> None:
        default = os.path.join(home_dir(), "flows")
        folder = default if directory is None else os.fspath(directory)
        if validate:
            folder = os.path.abspath(os.path.expanduser(folder))
            make_folders(folder)
        if kwargs.get("result") is None:
            from prefect.engine.results import LocalResult

            # A storage that is read back from its document names the default folder.
            kwargs["result"] = LocalResult(dir=None if folder == default else folder, validate_dir=validate)
        self.directory = folder
        self.path = None if path is None else os.fspath(path)
        super().__init__(stored_as_script=stored_as_script, **kwargs)

    @property
    def default_labels(self) -> list[str]:
        """The name of this machine."""
        import socket

        return [socket.gethostname()]

    @property
    def source_file(self) -> str | None:
        """Absolute path of the script."""
        if not self.stored_as_script or self.path is None:
            return None
        path = os.path.abspath(os.path.expanduser(self.path))
        if os.path.isfile(path):
            return path
        from prefect.storage.code.module import file_of_module

        return file_of_module(self.path)

    def add_flow(self, flow: Flow) -> str:
        """Pickle a flow into its file now, or note its script, and return the path.

        Raises:
            ValueError: A flow of that name is already there, or ``path`` of the script is missing.
            OSError: The file cannot be written.
        """
        self._refuse_second(flow)
        if self.stored_as_script:
            return self._added(flow, self.path)
        location = self.path or os.path.join(self.directory, new_location(flow))
        keep_file(os.path.abspath(os.path.expanduser(location)), flow_to_bytes_pickle(flow))
        return self._added(flow, location)

    def get_flow(self, flow_name: str) -> Flow:
        """Unpickle a flow, or execute its script or import its module and take the flow from there.

        Raises:
            ValueError: There is no flow of that name.
            FlowStorageError: Its file does not exist, or cannot be unpickled.
            Exception: Whatever the script or module raises.
        """
        return flow_at(self._location(flow_name), flow_name, is_script=self.stored_as_script)
