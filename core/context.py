"""``prefect.context``: what a running task or a flow under construction can see.

A context is a tuple of dictionaries, newest first. Entering a context puts one small dictionary in
front of the tuple and leaving it takes the old tuple back, so nothing is ever copied: a task costs
one dictionary, and the thousands of tasks of a run share everything else by reference.

Source: core.md §12.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextvars import Token
    from logging import Logger

    Layers = tuple[dict[str, Any], ...]

_layers: ContextVar[Layers] = ContextVar("prefect_context")
_MISSING: Any = object()
#: Stands in a layer for a key that is not there, whatever older layers say.
ABSENT: Any = object()


class Lazy:
    """A context value that is made when somebody asks for it, and then kept.

    Args:
        make: Called without arguments, at most once for each layer that holds the object.
    """

    __slots__ = ("make",)

    def __init__(self, make: Callable[[], Any]) -> None:
        self.make = make


def _initial() -> dict[str, Any]:
    from prefect.configuration import config

    section = config.get("context")
    values: dict[str, Any] = dict(section) if section else {}
    values["config"] = config
    values["logger"] = Lazy(_root_logger)
    return values


def _root_logger() -> Logger:
    from prefect.utilities.logging import get_logger

    return get_logger()


_base: dict[str, Any] = {}


def current_layers() -> Layers:
    """Return this thread's layers, newest first; every new thread begins with the configured ones."""
    layers = _layers.get(None)
    if layers is None:
        if not _base:
            _base.update(_initial())
        layers = ({}, _base)
        _layers.set(layers)
    return layers


def push(layer: dict[str, Any]) -> Token[Layers]:
    """Put ``layer`` in front of the current context; give the token to :func:`pop`."""
    return _layers.set((layer, *current_layers()))


def push_layers(layers: Layers) -> Token[Layers]:
    """Replace the whole context, by reference, with the one of another thread."""
    return _layers.set(layers)


def pop(token: Token[Layers]) -> None:
    """Take back what ``push`` put there, with every change made since."""
    _layers.reset(token)


class _Overlay:
    """The ``with prefect.context(...)`` block."""

    __slots__ = ("_token", "_values")

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    def __enter__(self) -> Context:
        values = dict(self._values)
        if values.get("config") is not None and values["config"] is not context.get("config"):
            from prefect.configuration import Config
            from prefect.utilities.collections import merge_dicts

            values["config"] = Config(merge_dicts(context.config, values["config"]))
        self._token = push(values)
        return context

    def __exit__(self, *exc_info: object) -> None:
        pop(self._token)


class Context(MutableMapping[str, Any]):
    """Mapping with attribute access over the layers of the current thread.

    A missing attribute raises ``AttributeError``, a missing item ``KeyError``. What is set lasts until the enclosing
    ``with`` block or task ends. Calling the context with values returns a ``with`` block in which they are visible;
    its end restores everything.
    """

    __slots__ = ()

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of ``key``, or ``default``."""
        for layer in _layers.get(None) or current_layers():
            if key in layer:
                value = layer[key]
                if value.__class__ is Lazy:
                    value = layer[key] = value.make()
                return default if value is ABSENT else value
        return default

    def __getitem__(self, key: str) -> Any:
        value = self.get(key, _MISSING)
        if value is _MISSING:
            raise KeyError(key)
        return value

    def __getattr__(self, key: str) -> Any:
        value = self.get(key, _MISSING)
        if value is _MISSING:
            raise AttributeError(f"'Context' object has no attribute {key!r}")
        return value

    def __setitem__(self, key: str, value: Any) -> None:
        current_layers()[0][key] = value

    __setattr__ = __setitem__

    def __delitem__(self, key: str) -> None:
        if key not in self:
            raise KeyError(key)
        newest, *older = current_layers()
        newest.pop(key, None)
        if any(key in layer for layer in older):
            newest[key] = ABSENT

    def __delattr__(self, key: str) -> None:
        try:
            del self[key]
        except KeyError:
            raise AttributeError(f"'Context' object has no attribute {key!r}") from None

    def __contains__(self, key: object) -> bool:
        for layer in current_layers():
            if key in layer:
                return layer[key] is not ABSENT
        return False

    def __iter__(self) -> Iterator[str]:
        names = dict.fromkeys(name for layer in reversed(current_layers()) for name in layer)
        return (name for name in names if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return "<Context>"

    def __reduce__(self) -> Any:
        raise TypeError("Pickling context objects is explicitly not supported. Pass the values you need instead.")

    def __call__(self, *args: Mapping[str, Any] | None, **kwargs: Any) -> _Overlay:
        """Return a ``with`` block in which these values are visible; ``config`` is merged into the current one."""
        values: dict[str, Any] = {}
        for mapping in args:
            values.update(mapping or {})
        values.update(kwargs)
        return _Overlay(values)

    def copy(self) -> dict[str, Any]:
        """Return what is visible now as one plain dictionary; nested values are shared."""
        values: dict[str, Any] = {}
        for layer in reversed(current_layers()):
            values.update(layer)
        for name, value in list(values.items()):
            if value.__class__ is Lazy:
                values[name] = self[name]
            elif value is ABSENT:
                del values[name]
        return values

    def to_dict(self) -> dict[str, Any]:
        """Return the context as nested plain dictionaries."""
        from prefect.utilities.collections import as_nested_dict

        return as_nested_dict(self.copy(), dict)  # type: ignore[no-any-return]


#: The one context object; ``prefect.context`` for users.
context = Context()
