"""Copy, move, remove and find files.

Source: core.md §21.2.
"""

# Without the __future__ import: the texts of the annotations of `run` are part of the 1.x JSON form (core.md §20.2).
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, List, Union  # noqa: UP035 - their texts, see above

from prefect.task import Task
from prefect.utilities.tasks import defaults_from_attrs


class Copy(Task):
    """Copies a file, or a folder with all that is in it.

    Args:
        source_path: What to copy.
        target_path: Where to; a file may be copied into a folder, while a folder needs a path that does not exist.
        **kwargs: Arguments of ``Task``.
    """

    def __init__(self, source_path: str | Path = "", target_path: str | Path = "", **kwargs: Any) -> None:
        self.source_path = source_path
        self.target_path = target_path
        super().__init__(**kwargs)

    @defaults_from_attrs("source_path", "target_path")
    def run(self, source_path: Union[str, Path] = "", target_path: Union[str, Path] = "") -> Path:  # noqa: UP007
        """Copy, and return the path of the copy.

        Args:
            source_path: In place of that of the task.
            target_path: In place of that of the task.

        Raises:
            OSError: The copy could not be made, such as of a folder to a path that exists.
            ValueError: A path is missing, or nothing is there to copy.
        """
        import shutil

        source, target = _source_and_target(source_path, target_path)
        self.logger.info("Copying %s to %s...", source, target)
        return Path(shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target))


class Move(Task):
    """Moves a file or folder.

    Args:
        source_path: What to move.
        target_path: Its new path, or an existing folder to move it into.
        **kwargs: Arguments of ``Task``.
    """

    def __init__(self, source_path: str | Path = "", target_path: str | Path = "", **kwargs: Any) -> None:
        self.source_path = source_path
        self.target_path = target_path
        super().__init__(**kwargs)

    @defaults_from_attrs("source_path", "target_path")
    def run(self, source_path: Union[str, Path] = "", target_path: Union[str, Path] = "") -> Path:  # noqa: UP007
        """Move, and return the new path.

        Args:
            source_path: In place of that of the task.
            target_path: In place of that of the task.

        Raises:
            OSError: It could not be moved.
            ValueError: A path is missing, or nothing is there to move.
        """
        import shutil

        source, target = _source_and_target(source_path, target_path)
        self.logger.info("Moving %s to %s...", source, target)
        return Path(shutil.move(source, target))


class Remove(Task):
    """Removes a file, a folder that is empty, or a link, but not what the link leads to.

    Args:
        path: What to remove.
        **kwargs: Arguments of ``Task``.
    """

    def __init__(self, path: str | Path = "", **kwargs: Any) -> None:
        self.path = path
        super().__init__(**kwargs)

    @defaults_from_attrs("path")
    def run(self, path: Union[str, Path] = "") -> None:  # noqa: UP007 - as 1.x serializes it
        """Remove it.

        Args:
            path: In place of that of the task.

        Raises:
            OSError: It could not be removed, such as a folder with files.
            ValueError: The path is missing, or nothing is there to remove.
        """
        found = _existing(path, "Path", "path", exists=os.path.lexists)
        self.logger.info("Removing %s...", found)
        if found.is_dir() and not found.is_symlink():
            found.rmdir()
        else:
            found.unlink()


class Glob(Task):
    """Finds the files and folders whose paths match a pattern.

    Args:
        path: Folder to begin in.
        pattern: Pattern such as ``*.csv``; ``**`` stands for any number of folders.
        **kwargs: Arguments of ``Task``.
    """

    def __init__(self, path: str | Path = "", pattern: str = "*", **kwargs: Any) -> None:
        self.path = path
        self.pattern = pattern
        super().__init__(**kwargs)

    @defaults_from_attrs("path", "pattern")
    def run(self, path: Union[str, Path] = "", pattern: str = "*") -> List[Path]:  # noqa: UP006, UP007
        """Return what matches, sorted; nothing matches in a folder that does not exist.

        Args:
            path: In place of that of the task.
            pattern: In place of that of the task.

        Raises:
            ValueError: The path is missing, or the pattern is empty.
        """
        folder = Path(_given(path, "path"))
        self.logger.debug("Glob path: %s", folder / pattern)
        return sorted(folder.glob(pattern))


def _source_and_target(source_path: str | Path, target_path: str | Path) -> tuple[Path, Path]:
    source = _existing(source_path, "Source path", "source_path")
    return source, Path(_given(target_path, "target_path"))


def _existing(path: str | Path, title: str, argument: str, exists: Callable[[Path], bool] = os.path.exists) -> Path:
    found = Path(_given(path, argument))
    if not exists(found):
        raise ValueError(f"{title} ({found}) not found. Check `{argument}`; relative paths begin in {Path.cwd()}.")
    return found


def _given(path: str | Path, argument: str) -> str | Path:
    if not path:
        raise ValueError(f"No `{argument}` provided. Give it to the task or to its run(…).")
    return path
