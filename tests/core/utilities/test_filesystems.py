"""Reading files wherever they are. Source: core.md §19."""

from __future__ import annotations

import io
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

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


class Bucket:
    """A client of either cloud store; every object holds its own bucket and name."""

    def get_object(self, Bucket: str, Key: str) -> Any:  # noqa: N803 - boto3's spelling
        return {"Body": io.BytesIO(f"s3 {Bucket} {Key}".encode())}

    def bucket(self, name: str) -> Bucket:
        self.path = f"gcs {name}"
        return self

    def blob(self, name: str) -> Bucket:
        self.path += f" {name}"
        return self

    def download_as_bytes(self) -> bytes:
        return self.path.encode()


@pytest.mark.parametrize(
    ("path", "content"),
    [("s3://b/some/key", b"s3 b some/key"), ("gcs://b/some/key", b"gcs b some/key"), ("gs://b/key", b"gcs b key")],
)
def test_an_object_of_a_cloud_store_is_read(path: str, content: bytes, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("prefect.utilities.aws.get_boto_client", {"s3": Bucket()}.__getitem__)
    monkeypatch.setattr("prefect.utilities.gcp.get_storage_client", Bucket)

    assert read_bytes_from_path(path) == content


@pytest.mark.parametrize(
    ("path", "missing", "message"),
    [
        (
            "s3://b/k",
            "boto3",
            'AWS needs the package boto3, which is not installed. Run: pip install "praefectus[aws]"',
        ),
        (
            "gcs://b/k",
            "google.cloud.storage",
            "Google Cloud needs the package google-cloud-storage, which is not installed."
            ' Run: pip install "praefectus[gcp]"',
        ),
    ],
)
def test_a_cloud_store_names_the_extra_it_needs(path: str, missing: str, message: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ImportError) as caught:
        read_bytes_from_path(path)
    assert str(caught.value) == f"Access to {message}"


def test_another_scheme_is_refused():
    with pytest.raises(ValueError) as caught:
        read_bytes_from_path("ftp://host/f")
    assert str(caught.value) == (
        "ftp://host/f has the unsupported scheme 'ftp'. Use a local path, file, http, https, s3 or gcs."
    )
