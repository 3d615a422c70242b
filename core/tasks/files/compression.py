"""Zip archives.

Source: core.md §21.2.
"""

# Without the __future__ import: the texts of the annotations of `run` are part of the 1.x JSON form (core.md §20.2).
from pathlib import Path
from typing import Any, List, Union  # noqa: UP035 - their texts, see above

from prefect.task import Task
from prefect.utilities.tasks import defaults_from_attrs

#: Method → the constant of ``zipfile``.
_METHODS = {"store": "ZIP_STORED", "deflate": "ZIP_DEFLATED", "bzip2": "ZIP_BZIP2", "lzma": "ZIP_LZMA"}


class Zip(Task):
    """Makes a zip archive.

    Args:
        source_path: File or folder to pack, or a list of such. A file is stored under its name, the files of a folder
            under the name of the folder and their paths in it.
        zip_path: The archive; one that exists is replaced.
        compression_method: ``store``, ``deflate``, ``bzip2`` or ``lzma``.
        compression_level: 0 to 9 for ``deflate``, 1 to 9 for ``bzip2``; what is usual by default.
        **kwargs: Arguments of ``Task``.

    Raises:
        ValueError: The method is unknown.
    """

    def __init__(
        self,
        source_path: str | Path | list[str] | list[Path] = "",
        zip_path: str | Path = "",
        compression_method: str = "deflate",
        compression_level: int | None = None,
        **kwargs: Any,
    ) -> None:
        import zipfile

        if compression_method not in _METHODS:
            raise ValueError(
                f"Compression method {compression_method} is not supported. Take one of: {', '.join(_METHODS)}."
            )
        self.source_path = source_path
        self.zip_path = zip_path
        self.compression = getattr(zipfile, _METHODS[compression_method])
        self.compression_level = compression_level
        super().__init__(**kwargs)

    @defaults_from_attrs("source_path", "zip_path")
    def run(
        self,
        source_path: Union[str, Path, List[str], List[Path]] = "",  # noqa: UP006, UP007 - as 1.x serializes it
        zip_path: Union[str, Path] = "",  # noqa: UP007 - as above
    ) -> None:
        """Make the archive. A path that does not exist is left out with a warning.

        Args:
            source_path: In place of that of the task.
            zip_path: In place of that of the task.

        Raises:
            OSError: A file could not be read, or the archive not be written.
            ValueError: A path is missing.
        """
        import zipfile

        for name, given in (("source_path", source_path), ("zip_path", zip_path)):
            if not given:
                raise ValueError(f"No `{name}` provided. Give it to the task or to its run(…).")
        sources = source_path if isinstance(source_path, list) else [source_path]
        self.logger.info("Creating zip archive %s", zip_path)
        with zipfile.ZipFile(
            zip_path, "w", compression=self.compression, compresslevel=self.compression_level
        ) as archive:
            for source in map(Path, sources):
                self.logger.info("Adding %s to archive", source.name or source)
                if not source.exists():
                    self.logger.warning("%s does not exist, so the archive lacks it", source)
                for path in _files(source):
                    # An archive that is made in the folder it packs would grow by itself.
                    if not path.samefile(zip_path):
                        archive.write(path, path.relative_to(source.parent))


class Unzip(Task):
    """Unpacks a zip archive.

    Args:
        zip_path: The archive.
        extract_dir: Folder to unpack into, made if need be; by default the current one.
        **kwargs: Arguments of ``Task``.
    """

    def __init__(self, zip_path: str | Path = "", extract_dir: str | Path = "", **kwargs: Any) -> None:
        self.zip_path = zip_path
        self.extract_dir = extract_dir
        super().__init__(**kwargs)

    @defaults_from_attrs("zip_path", "extract_dir")
    def run(
        self,
        zip_path: Union[str, Path] = "",  # noqa: UP007 - as 1.x serializes it
        extract_dir: Union[str, Path] = "",  # noqa: UP007 - as above
        password: Union[bytes, str] = None,  # type: ignore[assignment]  # noqa: RUF013, UP007 - as above
    ) -> Path:
        """Unpack, and return the folder.

        Args:
            zip_path: In place of that of the task.
            extract_dir: In place of that of the task.
            password: Password of the files.

        Raises:
            OSError: A file could not be written.
            RuntimeError: The password is wrong or missing.
            TypeError: The file is no zip archive.
            ValueError: The path is missing, or there is no such file.
        """
        import zipfile

        if not zip_path:
            raise ValueError("No `zip_path` provided. Give it to the task or to its run(…).")
        if not Path(zip_path).exists():
            raise ValueError(f"`zip_path` '{zip_path}' not found. Check it; relative paths begin in {Path.cwd()}.")
        if not zipfile.is_zipfile(zip_path):
            raise TypeError(f"`zip_path` '{zip_path}' is not a zip file. Unpack other archives with a ShellTask.")
        folder = Path(extract_dir) if extract_dir else Path.cwd()
        self.logger.info("Extracting '%s' to '%s'", zip_path, folder)
        with zipfile.ZipFile(zip_path) as archive:
            archive.extractall(folder, pwd=password.encode() if isinstance(password, str) else password)
        return folder


def _files(path: Path) -> list[Path]:
    return [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
