"""Reading files wherever they are. Source: core.md §19."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prefect.utilities.filesystems import parse_path, read_bytes_from_path

if TYPE_CHECKING:
    from collections.abc import Iterator


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/file?part=2" else 404)
        self.end_headers()
        self.wfile.write(b"from the web")

    def log_message(self, *args: object) -> None: ...


@pytest.fixture
def address() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("/a/b", ("file", "", "/a/b")),
        ("a/b", ("file", "", "a/b")),
        ("", ("file", "", "")),
        ("file:///a/b", ("file", "", "/a/b")),
        ("agent:///a", ("agent", "", "/a")),
        ("s3://bucket/k/v", ("s3", "bucket", "/k/v")),
        ("gs://bucket", ("gs", "bucket", "")),
        ("http://host:80/p?q=1#f", ("http", "host:80", "/p")),
        ("C:\\a", ("file", "", "C:\\a")),
    ],
)
def test_a_path_has_three_parts(path: str, parts: tuple[str, str, str]):
    parsed = parse_path(path)

    assert parsed == parts
    assert (parsed.scheme, parsed.netloc, parsed.path) == parts


@pytest.mark.parametrize("prefix", ["", "file://", "agent://"])
def test_a_local_file_is_read(tmp_path: Path, prefix: str):
    (tmp_path / "f").write_bytes(b"\x00local")

    assert read_bytes_from_path(f"{prefix}{tmp_path}/f") == b"\x00local"


def test_a_file_that_does_not_exist_is_an_os_error(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        read_bytes_from_path(str(tmp_path / "missing"))


def test_a_url_is_read_with_its_query(address: str):
    assert read_bytes_from_path(f"{address}/file?part=2") == b"from the web"


def test_a_url_that_cannot_be_read_is_named(address: str):
    with pytest.raises(OSError) as caught:
        read_bytes_from_path(f"{address}/other")
    assert str(caught.value) == (
        f"{address}/other cannot be read: HTTP Error 404: Not Found. Check the address and that its server is up."
    )


@pytest.mark.parametrize(("path", "extra"), [("s3://b/k", "aws"), ("gcs://b/k", "gcp"), ("gs://b/k", "gcp")])
def test_a_cloud_store_names_the_extra_it_needs(path: str, extra: str):
    with pytest.raises(ImportError) as caught:
        read_bytes_from_path(path)
    assert str(caught.value) == f'{path} cannot be read without cloud support. Run: pip install "praefectus[{extra}]"'


def test_another_scheme_is_refused():
    with pytest.raises(ValueError) as caught:
        read_bytes_from_path("ftp://host/f")
    assert str(caught.value) == (
        "ftp://host/f has the unsupported scheme 'ftp'. Use a local path, file, http or https."
    )
