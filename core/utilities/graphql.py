"""GraphQL documents from Python structures.

Source: core.md §19.2.
"""

from __future__ import annotations

import base64
import gzip
import json
import uuid
from collections.abc import KeysView, Mapping, ValuesView
from typing import Any

from prefect.utilities.collections import DotDict

__all__ = [
    "EnumValue",
    "GQLObject",
    "GraphQLResult",
    "LiteralSetValue",
    "compress",
    "decompress",
    "parse_graphql",
    "parse_graphql_arguments",
    "with_args",
]

_INDENT = "    "


class GraphQLResult(DotDict):
    """An answer with attribute access at every depth; each part of it shows as indented JSON.

    Args:
        init_dict: The answer.
        **kwargs: Further keys.
    """

    def __init__(self, init_dict: Any = None, **kwargs: Any) -> None:
        super().__init__(init_dict, **kwargs)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key, _part(value))

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __repr__(self) -> str:
        return json.dumps(self.to_dict(), indent=4)


def _part(value: Any) -> Any:
    if isinstance(value, Mapping):
        return value if isinstance(value, GraphQLResult) else GraphQLResult(value)
    for kind in (list, tuple):
        if isinstance(value, kind):
            return kind(map(_part, value))
    return value


class EnumValue:
    """A value that stands in a document without quotes.

    Args:
        value: Name of the enum member.
    """

    def __init__(self, value: str) -> None:
        self.value = value

    def __str__(self) -> str:
        return self.value

    def __repr__(self) -> str:
        return f"EnumValue({self.value!r})"

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.value == getattr(other, "value", None)

    def __hash__(self) -> int:
        return hash(self.value)


class LiteralSetValue(list[Any]):
    """Names that stand in a document as a set without quotes, as in ``update_columns: {name, created}``."""

    def __repr__(self) -> str:
        return "{" + ", ".join(map(str, self)) + "}"

    __str__ = __repr__


class GQLObject:
    """A field of a schema written down as a class, whose attributes are its own fields.

    Args:
        name: Name of the field; by default that of the class with a small first letter.
        _arguments: Arguments of the field, as they stand in a document.
    """

    def __init__(self, name: str | None = None, _arguments: str | None = None) -> None:
        kind = type(self).__name__
        self.__name = name or kind[:1].lower() + kind[1:]
        self.__arguments = _arguments

    def __call__(self, arguments: Any) -> GQLObject:
        """Return the same field with arguments."""
        return type(self)(self.__name, _arguments=parse_graphql_arguments(arguments))

    def __str__(self) -> str:
        return self.__name if self.__arguments is None else f"{self.__name}({self.__arguments})"

    def __repr__(self) -> str:
        return f'<GQL: "{self.__name}">'


def parse_graphql(document: Any) -> str:
    """Return a document as text.

    Args:
        document: Dictionaries are selections, sequences and sets fields; a value of True or ``...`` means the field alone.

    Raises:
        TypeError: A ``GQLObject`` class is given where an instance belongs.
    """
    return "\n".join(_lines(document, "")).strip()


def parse_graphql_arguments(arguments: Any) -> str:
    """Return arguments as they stand between the parentheses of a field; text is returned as it is."""
    if isinstance(arguments, dict):
        return _pairs(arguments)
    return arguments if isinstance(arguments, str) else _value(arguments)


def with_args(field: Any, arguments: Any) -> str:
    """Return a field with its arguments, to stand in a document."""
    return f"{field}({parse_graphql_arguments(arguments)})"


def compress(input: Any) -> str:
    """Return a JSON value as text: gzipped, then in base 64."""
    return base64.b64encode(gzip.compress(json.dumps(input).encode())).decode()


def decompress(string: str) -> Any:
    """Return the JSON value that :func:`compress` was given."""
    return json.loads(gzip.decompress(base64.b64decode(string)).decode())


def _lines(document: Any, indent: str) -> list[str]:
    if isinstance(document, dict):
        return [line for field, selection in document.items() for line in _field_lines(field, selection, indent)]
    if isinstance(document, (list, tuple, set, frozenset, KeysView, ValuesView)):
        return [line for part in document for line in _lines(part, indent)]
    if isinstance(document, type) and issubclass(document, GQLObject):
        raise TypeError(f"{document.__name__} is a class of fields. Put an instance of it into the document.")
    return [f"{indent}{document}"]


def _field_lines(field: Any, selection: Any, indent: str) -> list[str]:
    if selection is True or selection is ...:
        return [f"{indent}{field}"]
    return [f"{indent}{field} {{", *_lines(selection, indent + _INDENT), f"{indent}}}"]


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{ {_pairs(value)} }}" if value else "{}"
    if isinstance(value, (EnumValue, LiteralSetValue)):
        return str(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, uuid.UUID):
        return json.dumps(str(value))
    return json.dumps(value, default=str)


def _pairs(arguments: dict[Any, Any]) -> str:
    return ", ".join(f"{name}: {_value(value)}" for name, value in arguments.items())
