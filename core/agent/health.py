"""The small HTTP server of an agent: is it there, and poll now. Source: cli.md §8.7."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import urlparse

from prefect.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable


def checked_address(address: str) -> tuple[str, int]:
    """Return host and port of an address such as ``http://localhost:8080``; an empty host is every interface.

    Raises:
        ValueError: It names no port.
    """
    parsed = urlparse(address)
    try:
        port = parsed.port
    except ValueError:
        port = None
    if not port:
        raise ValueError(
            f"Must specify port in agent address, which is {address!r}. Write it as http://localhost:8080."
        )
    return parsed.hostname or "", port


class HealthServer:
    """Answers ``/api/health`` and ``/api/poke`` in a thread.

    Args:
        address: See :func:`checked_address`.
        poke: Called at ``/api/poke``.

    Raises:
        ClientError: The address cannot be listened at.
    """

    def __init__(self, address: str, poke: Callable[[], None]) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/api/health":
                    self._answer(200, b"{}")
                elif self.path == "/api/poke":
                    poke()
                    self._answer(200, b"")
                else:
                    self._answer(404, b"")

            def _answer(self, status: int, body: bytes) -> None:
                self.send_response(status)
                if body:
                    self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Keep requests out of the agent's output."""

        try:
            self._server = ThreadingHTTPServer(checked_address(address), Handler)
        except OSError as error:
            raise ClientError(
                f"The agent cannot listen at {address}: {error.strerror or error}. Choose another address for it, or end"
                " the process that has this one."
            ) from error
        self._thread = threading.Thread(target=self._server.serve_forever, name="prefect-health", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(1.0)
