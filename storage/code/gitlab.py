"""``GitLab``: a flow in a file of a GitLab repository."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.storage.code.base import Storage

if TYPE_CHECKING:
    from prefect.flow import Flow


class GitLab(Storage):
    """A file of a GitLab repository that defines a flow.

    Args:
        repo: ``owner/repository``, or the number of the project.
        host: Address of the server, unless it is gitlab.com.
        path: Path of the file in the repository.
        ref: Branch, tag or commit; by default ``master``.
        access_token_secret: Name of the secret that holds an access token.
        kwargs: Arguments of :class:`~prefect.storage.Storage`.

    Source:
        core.md §16.4.
    """

    _extra = "gitlab"

    def __init__(
        self,
        repo: str,
        host: str | None = None,
        path: str | None = None,
        ref: str | None = None,
        access_token_secret: str | None = None,
        **kwargs: Any,
    ) -> None:
        self.repo = repo
        self.host = host
        self.path = path
        self.ref = ref
        self.access_token_secret = access_token_secret
        super().__init__(**kwargs)

    def add_flow(self, flow: Flow) -> str:
        """Note that a flow is in the file, and return the file's path.

        Raises:
            ValueError: A flow of that name is already there, or ``path`` is missing.
        """
        return self._added(flow, self.path)
