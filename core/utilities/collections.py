"""Dictionaries with attribute access, and helpers for nested collections.

Source: core.md §19.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typing_extensions import Self

M = TypeVar("M", bound=MutableMapping[Any, Any])


class DotDict(MutableMapping[Any, Any]):
    """A mapping whose keys can also be read and written as attributes.

    Values are kept as they are given: a nested dictionary stays a plain dictionary
    (:func:`as_nested_dict` converts whole trees). A missing attribute raises ``AttributeError``,
    a missing item ``KeyError``. It is not a ``dict``.

    Args:
        init: Mapping or pairs to start with.
        **kwargs: More keys.
    """

    # The instance's own __dict__ is the store, so that reading an attribute costs no Python call.

    def __init__(self, init: Mapping[Any, Any] | Iterable[tuple[Any, Any]] | None = None, **kwargs: Any) -> None:
        self.update({} if init is None else init, **kwargs)

    def __getitem__(self, key: Any) -> Any:
        return self.__dict__[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        self.__dict__[key] = value

    def __delitem__(self, key: Any) -> None:
        del self.__dict__[key]

    if TYPE_CHECKING:  # any key may be there; without these a type checker would reject ``config.backend``

        def __getattr__(self, name: str) -> Any: ...

        def __setattr__(self, name: str, value: Any) -> None: ...

    def __contains__(self, key: object) -> bool:
        return key in self.__dict__

    def __iter__(self) -> Iterator[Any]:
        return iter(self.__dict__)

    def __len__(self) -> int:
        return len(self.__dict__)

    def __repr__(self) -> str:
        keys = ", ".join(sorted(map(repr, self)))
        return f"<{type(self).__name__}: {keys}>" if keys else f"<{type(self).__name__}>"

    def get(self, key: Any, default: Any = None) -> Any:
        """Return the value of ``key``, or ``default``."""
        return self.__dict__.get(key, default)

    def copy(self) -> Self:
        """Return a copy that shares its values with this one."""
        return type(self)(self.__dict__)

    def to_dict(self) -> dict[Any, Any]:
        """Return nested plain dictionaries with the same content."""
        return as_nested_dict(self, dict)  # type: ignore[no-any-return]


class CompoundKey(tuple[Any, ...]):
    """The path of a value in a nested dictionary, as key of a flat one."""

    __slots__ = ()


def merge_dicts(d1: M, d2: Mapping[Any, Any]) -> M:
    """Return a new mapping with the content of ``d1`` overlaid by ``d2``, nested mappings key by key.

    Args:
        d1: The base; the result has its type.
        d2: Wins where both have a value.
    """
    merged = d1.copy()  # type: ignore[attr-defined]
    for key, value in d2.items():
        if isinstance(value, MutableMapping) and isinstance(merged.get(key), MutableMapping):
            merged[key] = merge_dicts(merged[key], value)
        else:
            merged[key] = value
    return merged  # type: ignore[no-any-return]


def as_nested_dict(obj: Any, dct_class: type[Any] = DotDict) -> Any:
    """Return ``obj`` with every mapping in it, also those in lists, tuples and sets, made a ``dct_class``."""
    if isinstance(obj, Mapping):
        new = dct_class()
        for key, value in obj.items():
            new[key] = as_nested_dict(value, dct_class)
        return new
    for kind in (list, tuple, set):
        if isinstance(obj, kind):
            return kind(as_nested_dict(item, dct_class) for item in obj)
    return obj


def flatten_seq(seq: Iterable[Any]) -> Iterator[Any]:
    """Yield the elements of ``seq`` and, in place, those of every iterable in it; text is one element."""
    for item in seq:
        if isinstance(item, Iterable) and not isinstance(item, (str, bytes)):
            yield from flatten_seq(item)
        else:
            yield item


def dict_to_flatdict(dct: Mapping[Any, Any], parent: CompoundKey | None = None) -> dict[CompoundKey, Any]:
    """Return a flat dictionary in which each key is the whole path of a value; empty mappings vanish.

    Args:
        dct: A nested mapping.
        parent: Path put in front of every key.
    """
    flat: dict[CompoundKey, Any] = {}
    for key, value in dct.items():
        path = CompoundKey((*(parent or ()), key))
        if isinstance(value, Mapping):
            flat.update(dict_to_flatdict(value, path))
        else:
            flat[path] = value
    return flat


def flatdict_to_dict(dct: Mapping[Any, Any], dct_class: type[Any] = dict) -> Any:
    """Return the nested mapping that :func:`dict_to_flatdict` made flat.

    Args:
        dct: Mapping with :class:`CompoundKey` keys; any other key is taken as it is.
        dct_class: Type of the result and of every mapping in it.
    """
    nested = dct_class()
    for key, value in dct.items():
        if not isinstance(key, CompoundKey):
            nested[key] = value
            continue
        inner = nested
        for part in key[:-1]:
            inner = inner[part] if part in inner else inner.setdefault(part, dct_class())
        inner[key[-1]] = value
    return nested
