"""The store of this user.

Source: store.md §3, §9 and §13; DESIGN decision 2.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from prefect.configuration import config

if TYPE_CHECKING:
    from prefect.storage.state.store import Store

#: What ``store.durability`` may be: kept when the power goes, or only when a process dies.
DURABILITIES = ("disk", "process")

#: Home and process → its store. A forked process has locks and threads of its own, so it needs a store of its own.
_opened: dict[tuple[str, int], Store] = {}
#: Homes whose stores a process keeps open; tests of a user's go through many.
_MOST = 8


def local_store() -> Store:
    """Return the store below ``home_dir``, the same one for every caller in a process. No file is touched.

    Raises:
        InvalidConfigurationError: ``store.durability`` is neither ``disk`` nor ``process``.
    """
    home: str = config.home_dir
    # Asked for by everything a run reports: what need not be worked out again is not.
    key = (home if os.path.isabs(home) else os.path.abspath(home), os.getpid())
    found = _opened.get(key)
    if found is None:
        from prefect._version import __version__
        from prefect.storage.state.store import Store

        settings = config.get("store", {})
        opened = Store(
            os.path.join(key[0], "store"),
            durability=_checked_durability(settings.get("durability", DURABILITIES[0])),
            program=__version__,
            allow_network=bool(settings.get("allow_network", False)),
        )
        found = _opened.setdefault(key, opened)
        # Another thread may add some meanwhile; a list is made in one step.
        for oldest in list(_opened)[:-_MOST]:
            _opened.pop(oldest, None)
    return found


def _checked_durability(durability: object) -> str:
    if durability not in DURABILITIES:
        from prefect.config_file import InvalidConfigurationError

        raise InvalidConfigurationError(
            f"The setting store.durability is {durability!r}, and it must be 'disk' or 'process'."
            " Take it out of the configuration to have 'disk'."
        )
    return str(durability)
