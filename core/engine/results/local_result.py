"""``LocalResult``: values kept as files."""

from __future__ import annotations

import os
from typing import Any

from prefect.engine.result.base import Result
from prefect.engine.templates import filled_in
from prefect.utilities.filesystems import home_dir, keep_file, make_folders


class LocalResult(Result):
    """A result stored as a file.

    Args:
        dir: Folder that relative locations start from; ``<home_dir>/results`` unless given.
        validate_dir: Make the folder absolute and create it now, rather than at the first write.
        kwargs: ``value``, ``location`` and ``serializer`` of :class:`~prefect.engine.result.Result`.

    Raises:
        OSError: ``validate_dir``, and the folder cannot be made.

    Source:
        core.md §9.2; a ``dir`` inside ``home_dir`` is used as given (repair of quirk 22).
    """

    def __init__(self, dir: str | os.PathLike[str] | None = None, validate_dir: bool = True, **kwargs: Any) -> None:
        folder = os.path.join(home_dir(), "results") if dir is None else os.fspath(dir)
        if validate_dir:
            folder = os.path.abspath(os.path.expanduser(folder))
            try:
                make_folders(folder)
            except OSError as error:
                what = f"LocalResult cannot make its folder {folder!r}"
                raise _explained(error, what, "Give another `dir`.") from None
        #: Folder that relative locations start from.
        self.dir = folder
        super().__init__(**kwargs)

    @property
    def default_location(self) -> str:
        """A fresh absolute path, ``<dir>/prefect-result-<UTC time>-<random>``.

        The random end keeps tasks that finish in the same microsecond apart.
        """
        from datetime import datetime, timezone

        now = datetime.now(timezone.utc)
        name = f"prefect-result-{now:%Y-%m-%dt%H-%M-%S-%f}-00-00-{os.urandom(4).hex()}"
        return os.path.join(self.dir, name)

    def read(self, location: str) -> LocalResult:
        """Load the value from a file.

        Args:
            location: Path of the file, absolute or below ``dir``.

        Returns:
            A new result with the value and the location as given.

        Raises:
            FileNotFoundError: There is no such file.
            Exception: Whatever the serializer raises for a file it cannot read.
        """
        new = self.copy()
        with open(os.path.join(self.dir, location), "rb") as file:
            new.value = self.serializer.deserialize(file.read())
        new.location = location
        return new

    def write(self, value_: Any, **kwargs: Any) -> LocalResult:
        """Write the value to a file, creating the folders it needs.

        Readers see the old file or the whole new one, also when the write is interrupted.

        Args:
            value_: The value to store.
            kwargs: The names that the location may use.

        Returns:
            A new result with the value and the absolute path as location.

        Raises:
            KeyError: The location uses a name that is not given.
            OSError: The file cannot be written.
            Exception: Whatever the serializer raises for a value it cannot write.
        """
        new = self.format(**kwargs)
        assert new.location is not None
        new.value = value_
        new.location = os.path.abspath(os.path.join(self.dir, new.location))
        content = self.serializer.serialize(value_)
        try:
            keep_file(new.location, content)
        except OSError as error:
            what = f"LocalResult cannot write the file {new.location!r}"
            raise _explained(error, what, "Give a `dir` and a `location` that can be written to.") from None
        return new

    def exists(self, location: str, **kwargs: Any) -> bool:
        """Whether a file exists at a location, absolute or below ``dir``.

        Raises:
            KeyError: The location uses a name that is not given.
        """
        return os.path.exists(os.path.join(self.dir, filled_in(location, kwargs, "location")))


def _explained(error: OSError, what: str, advice: str) -> OSError:
    # Made with its number, it is of the same class.
    return OSError(error.errno, f"{what} ({error.strerror or error}). {advice}")
