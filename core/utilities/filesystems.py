"""Reading files wherever they are, and writing them so that nobody sees half of one.

Source: core.md §19.
"""

from __future__ import annotations

from typing import NamedTuple


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

    # The folder may be reached through links too; those need not be looked at.
    target = os.path.realpath(path) if os.path.islink(path) else path
    temporary = os.path.join(os.path.dirname(target), f".{os.path.basename(target)[:100]}.{os.urandom(8).hex()}.tmp")
    try:
        with open(temporary, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            file.write(content)
        os.replace(temporary, target)
    except BaseException:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise


def home_dir() -> str:
    """Return the absolute path of config ``home_dir``."""
    import os

    from prefect.configuration import config

    home: str = config.home_dir
    return os.path.abspath(os.path.expanduser(home))


def make_folders(path: str) -> None:
    """Make a folder and those above it that are missing; the home is made for its user alone.

    Args:
        path: Absolute path of the folder.
    """
    import os

    if os.path.isdir(path):
        return
    if _is_inside_home(path):
        os.makedirs(home_dir(), mode=0o700, exist_ok=True)
    os.makedirs(path, exist_ok=True)


def keep_file(path: str, content: bytes) -> None:
    """Write a file as :func:`replace_file` does, and make the folders it needs.

    Files of the home are private, as everything in it; elsewhere the user's umask decides.

    Args:
        path: Absolute path of the file.
        content: All of it.
    """
    import os

    make_folders(os.path.dirname(path))
    replace_file(path, content, mode=0o600 if _is_inside_home(path) else 0o666)


def _is_inside_home(path: str) -> bool:
    import os

    home = home_dir()
    return path == home or path.startswith(os.path.join(home, ""))


def read_bytes_from_path(path: str) -> bytes:
    """Return the content of a file.

    Args:
        path: A local path, or a URL of scheme ``file``, ``agent`` (a file of the machine that runs this), ``http``,
            ``https``, ``s3``, ``gcs`` or ``gs``. A web server may take ``cloud.request_timeout`` seconds to answer.

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
    if parsed.scheme == "s3":
        return _read_s3(parsed.netloc, parsed.path.lstrip("/"))
    if parsed.scheme in ("gcs", "gs"):
        return _read_gcs(parsed.netloc, parsed.path.lstrip("/"))
    raise ValueError(
        f"{path} has the unsupported scheme {parsed.scheme!r}. Use a local path, file, http, https, s3 or gcs."
    )


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


def _read_s3(bucket: str, key: str) -> bytes:
    from prefect.utilities.aws import get_boto_client

    content: bytes = get_boto_client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    return content


def _read_gcs(bucket: str, name: str) -> bytes:
    from prefect.utilities.gcp import get_storage_client

    content: bytes = get_storage_client().bucket(bucket).blob(name).download_as_bytes()
    return content
