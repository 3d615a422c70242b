"""``Git``: a flow in a file of any Git repository."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from prefect.exceptions import FlowStorageError
from prefect.storage.code.base import Storage

if TYPE_CHECKING:
    from prefect.flow import Flow


class Git(Storage):
    """A file of a Git repository that defines a flow.

    Runs fetch the newest commit of the default branch, unless a branch, tag or commit is named. While the file is executed,
    the other files of the repository are beside it. Fetching needs the extra ``praefectus[git]``.

    Args:
        flow_path: Path of the file in the repository, from its root.
        repo: ``owner/repository``.
        repo_host: Host of the repository.
        flow_name: Name of the flow in the file; by default the name it was registered with, or that of the file's only flow.
        git_token_secret_name: Name of the secret that holds an access token.
        git_token_username: User that the token belongs to; the owner of the repository unless given.
        git_clone_url_secret_name: Name of the secret that holds the whole address, instead of what else makes it.
        branch_name: Branch to take the file from.
        tag: Tag to take the file from.
        commit: Commit to take the file from: its id, or the beginning of it.
        clone_depth: How many commits to fetch; 0 means all.
        use_ssh: Clone over SSH.
        format_access_token: Write the address as ``https://user:token@host/repo.git`` rather than without the user.
        kwargs: Arguments of :class:`~prefect.storage.Storage`.

    Raises:
        ValueError: There is no repository, or more than one of branch, tag and commit.

    Source:
        core.md §16.4.
    """

    def __init__(
        self,
        flow_path: str,
        repo: str | None = None,
        repo_host: str = "github.com",
        flow_name: str | None = None,
        git_token_secret_name: str | None = None,
        git_token_username: str | None = None,
        git_clone_url_secret_name: str | None = None,
        branch_name: str | None = None,
        tag: str | None = None,
        commit: str | None = None,
        clone_depth: int = 1,
        use_ssh: bool = False,
        format_access_token: bool = True,
        **kwargs: Any,
    ) -> None:
        if sum(bool(version) for version in (branch_name, tag, commit)) > 1:
            raise ValueError("Please provide only one of `branch_name`, `tag` and `commit`.")
        if not repo and not git_clone_url_secret_name:
            raise ValueError("Either `repo` or `git_clone_url_secret_name` must be provided.")
        super().__init__(**kwargs)
        self.flow_path = flow_path
        self.repo = repo
        self.repo_host = repo_host
        self.flow_name = flow_name
        self.git_token_secret_name = git_token_secret_name
        self.git_token_username = git_token_username or (repo.split("/")[0] if repo else None)
        self.git_clone_url_secret_name = git_clone_url_secret_name
        self.branch_name = branch_name
        self.tag = tag
        self.commit = commit
        self.clone_depth = clone_depth
        self.use_ssh = use_ssh
        self.format_access_token = format_access_token

    @property
    def git_token_secret(self) -> str | None:
        """The access token, or None if there is none.

        Raises:
            ValueError: Its secret is not found.
        """
        return None if self.git_token_secret_name is None else _secret(self.git_token_secret_name)

    @property
    def git_clone_url(self) -> str:
        """The address to clone from, with the access token in it; what an address cannot have in its place is quoted.

        Raises:
            ValueError: A secret is not found.
        """
        from urllib.parse import quote

        if self.git_clone_url_secret_name:
            return _secret(self.git_clone_url_secret_name)
        if self.use_ssh:
            return f"git@{self.repo_host}:{self.repo}.git"
        token = self.git_token_secret
        if token is None:
            return f"https://{self.repo_host}/{self.repo}.git"
        user = f"{quote(str(self.git_token_username), safe='%')}:" if self.format_access_token else ""
        # 1.x did not quote, so a token may be quoted already.
        return f"https://{user}{quote(token, safe='%')}@{self.repo_host}/{self.repo}.git"

    def add_flow(self, flow: Flow) -> str:
        """Note that a flow is in the file, and return the file's path.

        Raises:
            ValueError: A flow of that name is already there.
        """
        self._warn_of_unused()
        return self._added(flow, self.flow_path, argument="flow_path")

    def get_flow(self, flow_name: str) -> Flow:
        """Fetch the repository, execute the file and take the flow from it.

        Raises:
            ValueError: There is no flow of that name, or a secret is not found.
            FlowStorageError: The repository cannot be fetched, or has no such branch, tag, commit or file.
            ImportError: dulwich is not installed.
            Exception: Whatever the code raises.
        """
        from prefect.utilities.git import TemporaryGitRepo
        from prefect.utilities.storage import extract_flow_from_file, extract_registered_flow

        path = self._location(flow_name)
        revision = {"branch_name": self.branch_name, "tag": self.tag, "commit": self.commit}
        with TemporaryGitRepo(self.git_clone_url, **revision, clone_depth=self.clone_depth) as repo:
            root = repo.temp_dir.name
            file = os.path.join(root, path.lstrip("/"))
            if not os.path.isfile(file):
                raise FlowStorageError(
                    f"The Git repository {repo.address} has no file {path!r} at its {repo.revision}."
                    " Push it, or correct the `flow_path` of the Git storage and register the flow again."
                )
            try:
                if self.flow_name:
                    return extract_flow_from_file(file, flow_name=self.flow_name)
                return extract_registered_flow(file, flow_name)
            except ModuleNotFoundError as error:
                if not any(_has_module(folder, error.name) for folder in (os.path.dirname(file), root)):
                    raise
                raise ModuleNotFoundError(
                    f"The file {path!r} of the Git repository {repo.address} imports {error.name!r}, which is in the"
                    " repository, and nothing is imported from there. Install it where runs are executed, or start the agent"
                    " with an `--import-path` to it.",
                    name=error.name,
                ) from None

    def _warn_of_unused(self) -> None:
        if self.git_clone_url_secret_name and (self.repo or self.git_token_secret_name or self.use_ssh):
            self.logger.warning(
                "Git storage clones from the address in the secret %r; what else it was told about the repository is"
                " ignored.",
                self.git_clone_url_secret_name,
            )
        elif self.use_ssh and self.git_token_secret_name:
            self.logger.warning("Git storage clones over SSH; its `git_token_secret_name` is ignored.")


def _has_module(folder: str, name: str | None) -> bool:
    path = os.path.join(folder, (name or "").partition(".")[0])
    return name is not None and (os.path.isdir(path) or os.path.isfile(f"{path}.py"))


def _secret(name: str) -> str:
    from prefect.client.secrets import Secret

    return str(Secret(name).get())
