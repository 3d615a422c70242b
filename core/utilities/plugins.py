"""The plugin registries ``prefect.api``, ``prefect.models`` and ``prefect.plugins``, empty until something is registered.

Source: core.md §1.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from prefect.utilities.collections import DotDict

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

#: Registry of plugins by name.
PLUGINS = plugins = DotDict()
#: Registry of models.
MODELS = models = DotDict()
#: Registry of API extensions.
API = api = DotDict()
#: All three by name.
REGISTRY = DotDict(api=api, models=models, plugins=plugins)


def register_plugin(name: str) -> Callable[[T], T]:
    """Return a decorator that enters a function or class into ``prefect.plugins``.

    Args:
        name: Where it is found; with dots, in registries within the registry.

    Raises:
        ValueError: When it is used: a part of the name but the last stands for something that was registered.
    """
    return _registering(plugins, name)


def register_model(name: str) -> Callable[[T], T]:
    """Return a decorator that enters a class into ``prefect.models``; see :func:`register_plugin`."""
    return _registering(models, name)


def register_api(name: str) -> Callable[[T], T]:
    """Return a decorator that enters a function into ``prefect.api``; see :func:`register_plugin`."""
    return _registering(api, name)


def _registering(registry: DotDict, name: str) -> Callable[[T], T]:
    def register(entry: T) -> T:
        place: Any = registry
        *outer, last = name.split(".")
        for part in outer:
            place = place.setdefault(part, DotDict())
            if not isinstance(place, DotDict):
                raise ValueError(
                    f"{name!r} cannot be registered: {part!r} stands for {place!r}. Choose a name that does not go through it."
                )
        place[last] = entry
        return entry

    return register
