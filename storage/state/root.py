"""The folder of a store: checked before it is used, made at the first write, held while this process writes.

Source: store.md §3, §8, §12, §13.
"""

from __future__ import annotations

import os
import stat
import sys
import threading
import weakref
from contextlib import ExitStack
from typing import TYPE_CHECKING

from prefect.storage.state import journal
from prefect.storage.state.errors import StoreIO, Unsafe
from prefect.storage.state.files import Files

if TYPE_CHECKING:
    from collections.abc import Callable

    from prefect.storage.state.system import FileFacts, System

#: Filesystems whose locks and appends other machines take part in.
_NETWORK = frozenset(
    "9p afs beegfs ceph cifs coda fhgfs fuse.ceph fuse.ceph-fuse fuse.gcsfuse fuse.glusterfs fuse.rclone fuse.s3fs"
    " fuse.sshfs glusterfs gpfs lustre ncpfs nfs nfs4 ocfs2 orangefs pvfs2 smb3 smbfs".split()
)
_MOUNTS = "/proc/self/mountinfo"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
#: Bytes of a file that does not tell its size that are read at once.
_BLOCK = 64 * 1024


class Root:
    """The folder of a store.

    Args:
        files: How files are written there.
        program: Version of the program, noted in a store that it makes.
        allow_network: Make a store on a network filesystem too.
    """

    def __init__(self, files: Files, program: str, allow_network: bool) -> None:
        self._files = files
        self._system = files.system
        self._path = files.root
        self._program = program
        self._allow_network = allow_network
        self._is_checked = False
        self._is_held = False
        self.forget()

    def forget(self) -> None:
        """Forget which thread holds what, as a forked process must: its other threads are gone."""
        self._guard = threading.Lock()

    # ---- checking ------------------------------------------------------------------------------------------------

    def check(self) -> bool:
        """Return whether there is a store to read. What was found in order is not looked at again.

        Raises:
            Corrupt: Its ``store.json`` is damaged.
            Unsafe: It belongs to somebody else, is open to others, or is no folder.
            UnsupportedFormat: A newer version made it.
        """
        if self._is_checked:
            return True
        facts = self._facts()
        if facts is None:
            return False
        self._check_owner(facts)
        path = f"{self._path}/store.json"
        data = self._files.read(path)
        if data is not None:
            journal.check_format(journal.parsed(data, path, 0), path)
            self._is_checked = True
        return True

    def _facts(self) -> FileFacts | None:
        with self._files.translated(self._path):
            try:
                return self._system.facts_of(self._path)
            except FileNotFoundError:
                return None

    def _check_owner(self, facts: FileFacts) -> None:
        path = self._path
        if stat.S_ISLNK(facts.mode):
            raise Unsafe(
                path, "it is a symbolic link", "Name the folder that it leads to, or put a folder in its place."
            )
        if not stat.S_ISDIR(facts.mode):
            raise Unsafe(path, "it is not a folder", "Move the file away, or name another folder.")
        if sys.platform == "win32":
            return
        if facts.owner != os.geteuid():
            reason = f"it belongs to the user number {facts.owner}, and you are {os.geteuid()}"
            raise Unsafe(path, reason, f"Run as its owner, or type 'sudo chown -R {os.geteuid()} {path}'.")
        if facts.mode & _OTHERS:
            reason = f"others may use it (mode {facts.mode & 0o777:04o})"
            raise Unsafe(path, reason, f"Type 'chmod 700 {path}'.")

    # ---- writing -------------------------------------------------------------------------------------------------

    def prepare(self, create: bool = True) -> None:
        """Check the store before the first write, make it if it is not there, and hold it from now on.

        Args:
            create: Make it; otherwise nothing happens if it is not there.

        Raises:
            Corrupt: As for :meth:`check`.
            Locked: A migration has held the store for 30 seconds.
            StoreIO: The system refused.
            Unsafe: As for :meth:`check`, or it would be on a network filesystem.
            UnsupportedFormat: As for :meth:`check`.
        """
        if self._is_held or not (create or self._facts()):
            return
        with self._guard:
            if self._is_held:
                return
            if self._facts() is None:
                self._make()
            self.check()
            with ExitStack() as lock:
                fd = lock.enter_context(self._files.locked(f"{self._path}/lock", create=True, shared=True))
                # Looked at under the lock: a migration may have been at work until now.
                self._is_checked = False
                self.check()
                if not self._is_checked:
                    self._describe()
                # Held as long as this object lives: a migration waits for all that write.
                lock.pop_all()
            weakref.finalize(self, self._system.close, fd).atexit = False
            self._is_held = True

    def _make(self) -> None:
        if not self._allow_network:
            kind = network_filesystem(self._system, self._path)
            if kind is not None:
                reason = f"it is on a network filesystem ({kind}), where locks and appends cannot be relied on"
                raise Unsafe(self._path, reason, "Set PREFECT__HOME_DIR to a folder on a disk of this machine.")
        missing = [self._path]
        while not self._system.exists(os.path.dirname(missing[-1])):
            missing.append(os.path.dirname(missing[-1]))
        for path in reversed(missing):
            with self._files.translated(path):
                try:
                    self._system.make_directory(path)
                except FileExistsError:
                    pass
                except FileNotFoundError as error:
                    raise StoreIO(path, error) from error
            self._files.sync_directory(os.path.dirname(path))

    def _describe(self) -> None:
        description = {"format": journal.FORMAT, "created": self._system.now(), "program": self._program}
        self._files.replace(f"{self._path}/store.json", journal.encoded(description))
        self._is_checked = True


class StoreFiles(Files):
    """The files of a store, which is checked and, if it is not there, made before the first of them is locked or written.

    Args:
        root: The store's folder.
        system: The operating system, or what stands in for it.
        syncs: Whether what is acknowledged is forced to disk.
        on_wait: As for :class:`Files`.
        program: As for :class:`Root`.
        allow_network: As for :class:`Root`.

    Attributes:
        folder: The store's folder, to be checked before something is read.
    """

    def __init__(
        self,
        root: str,
        system: System,
        syncs: bool,
        on_wait: Callable[[str, float], None] | None,
        program: str,
        allow_network: bool,
    ) -> None:
        super().__init__(root, system, syncs, on_wait)
        self.folder = Root(Files(root, system, syncs, on_wait), program, allow_network)

    def _prepare(self, create: bool = True) -> None:
        self.folder.prepare(create)


def network_filesystem(system: System, path: str) -> str | None:
    """Return the kind of network filesystem that a path is on, or would be; None if it is on none that is known.

    Only Linux says what is mounted where.
    """
    path = system.real_path(path)
    found, longest = None, -1
    for line in _whole(system, _MOUNTS).decode("utf-8", "surrogateescape").splitlines():
        # 36 35 98:0 /root /mount/point options … - kind source options; spaces in names are \040
        mounted, separator, described = line.partition(" - ")
        fields = mounted.split(" ")
        if not separator or len(fields) < 5:
            continue
        point = _unescaped(fields[4])
        # Of several at one place the last one mounted is what is seen.
        if len(point) >= longest and (path == point or path.startswith(point.rstrip("/") + "/")):
            found, longest = described.split(" ")[0], len(point)
    return found if found in _NETWORK else None


def _unescaped(field: str) -> str:
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        field = field.replace(code, character)
    return field


def _whole(system: System, path: str) -> bytes:
    """Return what a file holds that does not tell its size; nothing if it cannot be read."""
    data = b""
    try:
        fd = system.open_to_read(path)
    except OSError:
        return data
    try:
        while True:
            more = system.read(fd, _BLOCK, len(data))
            if not more:
                return data
            data += more
    finally:
        system.close(fd)
