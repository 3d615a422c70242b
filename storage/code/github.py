"""``GitHub``: a flow in a file of a GitHub repository."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.storage.code.base import Storage

if TYPE_CHECKING:
    from prefect.flow import Flow


class GitHub(Storage):
    """A file of a GitHub repository that defines a flow.

    Args:
        repo: ``owner/repository``.
        path: Path of the file in the repository.
        ref: Branch, tag or commit; by default the repository's default branch.
        access_token_secret: Name of the secret that holds an access token.
        base_url: Address of the API, for GitHub Enterprise.
        kwargs: Arguments of :class:`~prefect.storage.Storage`.

    Source:
        core.md §16.4.
    """

    _extra = "github"

    def __init__(
        self,
        repo: str,
        path: str,
        ref: str | None = None,
        access_token_secret: str | None = None,
        base_url: str | None = None,
        **kwargs: Any,
    ) -> None:
        self.repo = repo
        self.path = path
        self.ref = ref
        self.access_token_secret = access_token_secret
        self.base_url = base_url
        super().__init__(**kwargs)

    def add_flow(self, flow: Flow) -> str:
        """Note that a flow is in the file, and return the file's path.

        Raises:
            ValueError: A flow of that name is already there.
        """
        return self._added(flow, self.path)
