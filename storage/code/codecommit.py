"""``CodeCommit``: a flow in a file of an AWS CodeCommit repository."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.storage.code.base import Storage

if TYPE_CHECKING:
    from prefect.flow import Flow


class CodeCommit(Storage):
    """A file of an AWS CodeCommit repository that defines a flow.

    Args:
        repo: Name of the repository.
        path: Path of the file in the repository.
        commit: Branch, tag or commit; by default the repository's default branch.
        client_options: More arguments of the ``boto3`` client.
        kwargs: Arguments of :class:`~prefect.storage.Storage`.

    Source:
        core.md §16.4.
    """

    _extra = "aws"

    def __init__(
        self,
        repo: str,
        path: str | None = None,
        commit: str | None = None,
        client_options: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self.repo = repo
        self.path = path
        self.commit = commit
        self.client_options = client_options
        super().__init__(**kwargs)

    def add_flow(self, flow: Flow) -> str:
        """Note that a flow is in the file, and return the file's path.

        Raises:
            ValueError: A flow of that name is already there, or ``path`` is missing.
        """
        return self._added(flow, self.path)
