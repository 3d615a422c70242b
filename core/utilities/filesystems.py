"""Reading files wherever they are.

Source: core.md §19.
"""

from __future__ import annotations

from typing import NamedTuple

#: Scheme of a cloud store → the extra that reads it.
_EXTRAS = {"gcs": "gcp", "gs": "gcp", "s3": "aws"}


class ParsedPath(NamedTuple):
    """A path in three parts.

    Attributes:
        scheme: Kind of file system; ``file`` if none is written.
        netloc: Host or bucket, or the empty string.
        path: The path itself.
    """

    scheme: str
    netloc: str
    path: str


def parse_path(path: str) -> ParsedPath:
    """Return the parts of a path or URL; query and fragment of a URL are left out."""
    from urllib.parse import urlparse

    parsed = urlparse(path)
    if len(parsed.scheme) < 2:  # none, or the drive of a Windows path
        return ParsedPath("file", parsed.netloc, path if parsed.scheme else parsed.path)
    return ParsedPath(parsed.scheme, parsed.netloc, parsed.path)


def replace_file(path: str, content: bytes, *, mode: int) -> None:
    """Write a file so that whoever reads it sees the old one or the whole new one.

    Args:
        path: The file; a link stays a link, and what it points to is replaced.
        content: All of it.
        mode: Permissions of a new file, before the umask.
    """
    import os

    target = os.path.realpath(path)
    temporary = os.path.join(os.path.dirname(target), f".{os.path.basename(target)[:100]}.{os.urandom(8).hex()}.tmp")
    try:
        with open(temporary, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            file.write(content)
        os.replace(temporary, target)
    except BaseException:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise


def read_bytes_from_path(path: str) -> bytes:
    """Return the content of a file.

    Args:
        path: A local path, or a URL of scheme ``file``, ``agent`` (a file of the machine that runs this),
            ``http`` or ``https``. A web server may take ``cloud.request_timeout`` seconds to answer.

    Raises:
        OSError: The file cannot be read.
        ImportError: The scheme needs an extra that is not installed.
        ValueError: The scheme is unknown.
    """
    parsed = parse_path(path)
    if parsed.scheme in ("file", "agent"):
        with open(parsed.path, "rb") as file:
            return file.read()
    if parsed.scheme in ("http", "https"):
        return _read_url(path)
    if parsed.scheme in _EXTRAS:
        raise ImportError(
            f'{path} cannot be read without cloud support. Run: pip install "praefectus[{_EXTRAS[parsed.scheme]}]"'
        )
    raise ValueError(f"{path} has the unsupported scheme {parsed.scheme!r}. Use a local path, file, http or https.")


def _read_url(url: str) -> bytes:
    from urllib.error import HTTPError
    from urllib.request import urlopen

    from prefect.configuration import config

    try:
        with urlopen(url, timeout=config.cloud.request_timeout) as response:
            content: bytes = response.read()
    except OSError as exc:
        if isinstance(exc, HTTPError):
            exc.close()  # it holds the connection
        raise OSError(f"{url} cannot be read: {exc}. Check the address and that its server is up.") from exc
    return content
