"""A web service on this machine that keeps what it is sent, and remembers how it was asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple


class Request(NamedTuple):
    """How the service was asked."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class WebService:
    """What is sent with a body is kept by its path, and answered when nothing is sent.

    Attributes:
        address: ``http://127.0.0.1:<port>``.
        kept: Path → content.
        requests: All requests, the oldest first.
        token: Value that the header ``Authorization`` has to have; None asks for nothing.
        status: Path → code of every answer there.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.kept: dict[str, bytes] = {}
        self.requests: list[Request] = []
        self.token: str | None = None
        self.status: dict[str, int] = {}

    def answer(self, request: Request) -> tuple[int, bytes]:
        """Return the code and content of an answer."""
        self.requests.append(request)
        path = request.path.partition("?")[0]
        if self.token is not None and request.headers.get("Authorization") != self.token:
            return 401, b"who are you?"
        if path in self.status:
            return self.status[path], b"as told"
        if request.body:
            self.kept[path] = request.body
            return 201, b'{"kept": true}'
        return (200, self.kept[path]) if path in self.kept else (404, b"nothing here")


@contextmanager
def web_service() -> Iterator[WebService]:
    """Serve on a free port for the length of a block."""
    service: WebService

    class Handler(BaseHTTPRequestHandler):
        def handle_one(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, content = service.answer(Request(self.command, self.path, dict(self.headers), body))
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PATCH = do_POST = do_PUT = handle_one  # noqa: N815 - the names that http.server looks for

        def log_message(self, format: str, *args: object) -> None:
            """Keep requests out of the output."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        service = WebService(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield service
        finally:
            server.shutdown()
            thread.join()
