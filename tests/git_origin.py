"""A bare Git repository to fetch from, and servers that hand it out: over HTTP with a password, over SSH, over Git's own protocol."""

from __future__ import annotations

import base64
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

from dulwich import porcelain
from dulwich.repo import Repo
from dulwich.server import DictBackend, TCPGitServer
from dulwich.web import make_wsgi_chain

_AUTHOR = b"Somebody <somebody@example.com>"


class GitOrigin:
    """A bare repository, and a working copy that commits to it.

    Args:
        folder: An empty folder; the repository is ``owner/repo.git`` in it.
    """

    def __init__(self, folder: Path) -> None:
        self.bare = folder / "owner" / "repo.git"
        self.bare.mkdir(parents=True)
        porcelain.init(self.bare, bare=True).close()
        (self.bare / "HEAD").write_text("ref: refs/heads/main\n")
        self.work = folder / "work"
        self.work.mkdir()
        porcelain.init(self.work).close()
        (self.work / ".git" / "HEAD").write_text("ref: refs/heads/main\n")

    def commit(self, text: str, file: str = "flows/mine.py", *, branch: str = "main") -> str:
        """Write a file, commit it to a branch, push that, and return the id of the commit."""
        path = self.work / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        porcelain.add(self.work, [path])
        id = porcelain.commit(self.work, message=b"Write " + file.encode(), author=_AUTHOR, committer=_AUTHOR)
        self._push(f"refs/heads/main:refs/heads/{branch}")
        return id.decode()

    def tag(self, name: str, *, annotated: bool = False) -> None:
        """Name the newest commit, and push that."""
        porcelain.tag_create(self.work, name, author=_AUTHOR, message=b"A version", annotated=annotated)
        self._push(f"refs/tags/{name}:refs/tags/{name}")

    def _push(self, refs: str) -> None:
        with open("/dev/null", "wb") as nowhere:
            porcelain.push(self.work, str(self.bare), [refs.encode()], outstream=nowhere, errstream=nowhere)

    @contextmanager
    def over_http(self, user: str, password: str) -> Iterator[str]:
        """Hand the repository out to whoever knows the password, and return its address without that."""
        expected = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

        def app(environ, start_response):
            if environ.get("HTTP_AUTHORIZATION") != expected:
                start_response("401 Unauthorized", [("WWW-Authenticate", 'Basic realm="git"'), ("Content-Length", "0")])
                return []
            return served(environ, start_response)

        with (
            Repo(str(self.bare)) as repo,
            make_server("127.0.0.1", 0, app, handler_class=_Silent) as server,
        ):
            served = make_wsgi_chain(DictBackend({"/owner/repo.git": repo}))
            yield from _served(server, f"127.0.0.1:{server.server_port}/owner/repo.git")

    @contextmanager
    def over_git(self) -> Iterator[str]:
        """Hand out what branches and tags point to, and no other commit, and return the address."""
        with (
            Repo(str(self.bare)) as repo,
            TCPGitServer(DictBackend({b"/owner/repo.git": repo}), "127.0.0.1", 0) as server,
        ):
            yield from _served(server, f"git://127.0.0.1:{server.server_address[1]}/owner/repo.git")

    def ssh_command(self, folder: Path) -> str:
        """Write a program that stands in for ``ssh``: it executes here what was to be executed on the host."""
        path = folder / "ssh"
        path.write_text(
            f'#!/bin/sh\necho "$@" >> {folder}/asked\nfor last; do :; done\ncd {self.bare.parent.parent}\n'
            f'eval "set -- $last"\nexec {sys.executable} -m dulwich upload-pack "$PWD/$2"\n'
        )
        path.chmod(0o755)
        return str(path)


class _Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Keep requests out of the output."""


def _served(server, address: str) -> Iterator[str]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield address
    finally:
        server.shutdown()
        thread.join()
