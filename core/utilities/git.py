"""``TemporaryGitRepo``: the files of one commit of a Git repository, for a while.

Source: core.md §16.4.
"""

from __future__ import annotations

import re
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from prefect.exceptions import FlowStorageError
from prefect.utilities._extras import import_extra

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from typing_extensions import Self

    Id = Any  # dulwich's own kind of bytes, as the names of branches and tags are
    Refs = Mapping[Any, Id]

_FULL_ID = re.compile(rb"[0-9a-f]{40}")


class TemporaryGitRepo:
    """A temporary folder with the files of a branch, tag or commit, for the length of a ``with`` block.

    Args:
        git_clone_url: Address, as ``git clone`` takes it; credentials in it are in no error.
        branch_name: Branch whose newest commit is taken; by default the one that the repository names as its own.
        tag: Tag that is taken instead.
        commit: Commit that is taken instead: its id, or the beginning of it.
        clone_depth: How many commits to fetch; 0 means all. Servers that do not hand out single commits make it all too.

    Attributes:
        temp_dir: The folder, while the block runs; its path is ``temp_dir.name``.
        repo: The repository there, as dulwich knows it, while the block runs.
        commit_id: Id of the commit that was taken.

    Raises:
        FlowStorageError: When the block is entered: the repository cannot be fetched, or has no such branch, tag or commit.
        ImportError: Likewise: dulwich is not installed.

    Source:
        core.md §16.4.
    """

    def __init__(
        self,
        git_clone_url: str,
        branch_name: str | None = None,
        tag: str | None = None,
        commit: str | None = None,
        clone_depth: int = 1,
    ) -> None:
        self.git_clone_url = git_clone_url
        self.branch_name = branch_name
        self.tag = tag
        self.commit = commit
        self.clone_depth = clone_depth

    @property
    def address(self) -> str:
        """The address without a user's name, password or token."""
        return re.sub(r"(?<=://).*@", "", self.git_clone_url)  # tokens may have slashes

    @property
    def revision(self) -> str:
        """What is taken from the repository, in words."""
        if self.commit:
            return f"commit {self.commit!r}"
        if self.tag:
            return f"tag {self.tag!r}"
        return f"branch {self.branch_name!r}" if self.branch_name else "default branch"

    def __enter__(self) -> Self:
        import_extra("dulwich", package="dulwich", extra="git", purpose=f"The Git repository {self.address}")
        from dulwich.index import build_index_from_tree
        from dulwich.objectspec import parse_commit
        from dulwich.repo import Repo

        self.temp_dir = TemporaryDirectory()
        try:
            self.repo = Repo.init(self.temp_dir.name)
            try:
                commit = parse_commit(self.repo, self._fetch_revision())
            except (KeyError, ValueError):  # ValueError: no id at all, or the beginning of several
                raise FlowStorageError(
                    f"The Git repository {self.address} has no {self.revision}. Push it, or name one that it has."
                ) from None
            self.commit_id: bytes = commit.id
            build_index_from_tree(self.repo.path, self.repo.index_path(), self.repo.object_store, commit.tree)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        if "repo" in vars(self):
            self.repo.close()
        self.temp_dir.cleanup()

    def _fetch_revision(self) -> Id:
        """Fetch what is asked for, and return the id of its commit or tag.

        Raises:
            KeyError: There is no such branch or tag.
        """
        if not self.commit:
            name = self._ref()
            refs = self._fetch(lambda refs: [refs[name]] if name in refs else [], self.clone_depth)
            return refs[name]
        id = self.commit.lower().encode()
        if not self._has_fetched(id):
            self._fetch(_heads_and_tags, depth=0)
        return id

    def _has_fetched(self, id: Id) -> bool:
        """Fetch a commit by its id alone, and return whether that was possible."""
        if not _FULL_ID.fullmatch(id):
            return False
        try:
            self._fetch(lambda _: [id], self.clone_depth)
        except FlowStorageError:
            return False  # of what no branch or tag points to, not every server hands out single commits
        return id in self.repo.object_store

    def _ref(self) -> bytes:
        if self.tag:
            return f"refs/tags/{self.tag}".encode()
        return f"refs/heads/{self.branch_name}".encode() if self.branch_name else b"HEAD"

    def _fetch(self, wanted: Callable[[Refs], list[Id]], depth: int) -> Refs:
        """Fetch what ``wanted`` chooses of all branches and tags, which are returned."""
        import os
        from contextlib import closing

        from dulwich.client import get_transport_and_path
        from dulwich.config import StackedConfig

        def choose(refs: Refs, depth: int | None = None) -> list[Id]:
            return [id for id in wanted(refs) if id not in self.repo.object_store]

        try:
            client, path = get_transport_and_path(
                self.git_clone_url,
                config=StackedConfig.default(),
                ssh_command=os.environ.get("GIT_SSH_COMMAND") or os.environ.get("GIT_SSH"),
            )
            with closing(client):
                found = client.fetch(path, self.repo, determine_wants=choose, depth=depth or None)
        except Exception as error:  # noqa: BLE001 - files, sockets, TLS, HTTP, SSH and servers raise anything
            # Not `from error`: errors of HTTP tell the whole address.
            raise FlowStorageError(
                f"The Git repository {self.address} cannot be fetched: {self._without_credentials(error)}."
                " Check the address, the access to it and what is asked for."
            ) from None
        return found.refs

    def _without_credentials(self, error: Exception) -> str:
        cause = getattr(error.__context__, "reason", None)  # what urllib3 says of the last of its attempts
        text = str(error) if cause is None else str(cause).rpartition(": ")[2]
        lines = text.replace(self.git_clone_url, self.address).split("\n")
        last = next((line.strip().rstrip(".") for line in reversed(lines) if line.strip()), "")
        return f"{type(error).__name__}: {last}" if last else type(error).__name__


def _heads_and_tags(refs: Refs) -> list[Id]:
    # What a tag stands for is listed under the tag's name with ^{} behind it; servers take the tag itself only.
    return sorted(
        {id for name, id in refs.items() if name.startswith((b"refs/heads/", b"refs/tags/")) and name[-3:] != b"^{}"}
    )
