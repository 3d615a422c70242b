"""``Bitbucket``: a flow in a file of a Bitbucket repository."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.storage.code.base import Storage

if TYPE_CHECKING:
    from prefect.flow import Flow


class Bitbucket(Storage):
    """A file of a Bitbucket repository that defines a flow.

    Args:
        project: Key of the project the repository is in.
        repo: Name of the repository.
        workspace: Name of the workspace; it means Bitbucket Cloud, otherwise a server of your own is meant.
        host: Address of the server.
        path: Path of the file in the repository.
        ref: Branch, tag or commit; by default ``master``.
        access_token_secret: Name of the secret that holds an access token, for a server.
        cloud_username_secret: Name of the secret that holds the user's name, for Bitbucket Cloud.
        cloud_app_password_secret: Name of the secret that holds the password, for Bitbucket Cloud.
        kwargs: Arguments of :class:`~prefect.storage.Storage`.

    Raises:
        ValueError: Both ``workspace`` and ``access_token_secret`` are given.

    Source:
        core.md §16.4.
    """

    _extra = "bitbucket"

    def __init__(
        self,
        project: str,
        repo: str,
        workspace: str | None = None,
        host: str | None = None,
        path: str | None = None,
        ref: str | None = None,
        access_token_secret: str | None = None,
        cloud_username_secret: str | None = None,
        cloud_app_password_secret: str | None = None,
        **kwargs: Any,
    ) -> None:
        if workspace and access_token_secret:
            raise ValueError(
                "`workspace` and `access_token_secret` are both set. A workspace means Bitbucket Cloud, which takes"
                " `cloud_username_secret` and `cloud_app_password_secret` instead."
            )
        self.project = project
        self.repo = repo
        self.workspace = workspace
        self.host = host
        self.path = path
        self.ref = ref
        self.access_token_secret = access_token_secret
        self.cloud_username_secret = cloud_username_secret
        self.cloud_app_password_secret = cloud_app_password_secret
        super().__init__(**kwargs)

    def add_flow(self, flow: Flow) -> str:
        """Note that a flow is in the file, and return the file's path.

        Raises:
            ValueError: A flow of that name is already there, or ``path`` is missing.
        """
        return self._added(flow, self.path)
