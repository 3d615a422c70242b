"""Whether all that is in the store is as it should be, and mending what is not.

Works while others write: see :mod:`prefect.storage.state.looks`. Source: store.md §11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prefect.storage.state.errors import Corrupt, StoreIO, Unsafe
from prefect.storage.state.looks import ERROR, WARNING, Look
from prefect.storage.state.looks import Finding as Finding
from prefect.storage.state.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prefect.storage.state.store import Store
    from prefect.storage.state.walk import Subject

#: What is somebody's work is done after so long.
_PAUSE_SECONDS = 1.0


def check(store: Store, repair: bool = False) -> Iterator[Finding]:
    """Yield all that is not as it should be; nothing if there is no store.

    Args:
        store: The store.
        repair: Mend what can be mended without losing anything: what is taken out goes into ``quarantine/``.

    Raises:
        Locked: Somebody has held a lock for 30 seconds.
        UnsupportedFormat: A newer version made the store; nothing was looked at.
    """
    try:
        if not store.files.folder.check():
            return
    except Unsafe as error:
        yield Finding(ERROR, ".", str(error))
        return
    except Corrupt as error:
        yield _damaged_description(store, error, repair)
    else:
        yield from _missing_description(store, repair)
    if repair:
        store.files.folder.prepare()
    told: set[tuple[str, str]] = set()
    is_mended = True
    while is_mended:
        # What was mended may show, or leave, something else; and it is to be seen that it is in order now.
        walk = Walk(Look(store))
        new = [
            found for found in dict.fromkeys(_findings(store, walk, repair)) if (found.path, found.message) not in told
        ]
        yield from new
        told |= {(found.path, found.message) for found in new}
        is_mended = any(found.repaired for found in new)
    yield from walk.findings()


def _damaged_description(store: Store, error: Corrupt, repair: bool) -> Finding:
    look = Look(store, certain=True, repairs=repair)
    if repair:
        look.take_away(error.path, look.files.read(error.path) or b"", str(error))
    return look.found(ERROR, error.path, f"It is damaged: {error.reason}.", repaired=repair)


def _missing_description(store: Store, repair: bool) -> Iterator[Finding]:
    def is_missing() -> bool:
        return not store.system.exists(f"{store.root}/store.json") and bool(store.files.names(store.root))

    if is_missing():
        store.system.sleep(_PAUSE_SECONDS)
        if is_missing():
            yield Finding(WARNING, "store.json", "It is missing, so nothing tells the format of the store.", repair)


def _findings(store: Store, walk: Walk, repair: bool) -> Iterator[Finding]:
    """Look at everything once, and after a pause once more at what was not in order."""
    suspects = []
    for subject in walk.subjects():
        before = _looked(subject, walk.look)
        if before:
            suspects.append((subject, before))
    if suspects:
        store.system.sleep(_PAUSE_SECONDS)
    second = Look(store, certain=True, repairs=repair)
    for subject, before in suspects:
        yield from _looked_again(subject, second, before)


def _looked(subject: Subject, look: Look) -> list[Finding]:
    """Return what a subject finds; a file that the system refuses to open does not stop the others."""
    try:
        return list(subject(look))
    except FileNotFoundError:
        return []  # deleted meanwhile
    except StoreIO as error:
        return [_refusal(look, error)]


def _looked_again(subject: Subject, look: Look, before: list[Finding]) -> list[Finding]:
    """Return what a subject finds as it did before; if the system refuses to mend it, that too."""
    known = {(found.path, found.message) for found in before}
    try:
        return [found for found in subject(look) if (found.path, found.message) in known]
    except FileNotFoundError:
        return []  # deleted meanwhile
    except StoreIO as error:
        return [*before, _refusal(look, error)]


def _refusal(look: Look, error: StoreIO) -> Finding:
    return look.found(ERROR, error.path, str(error))
