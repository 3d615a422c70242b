"""A token that says what a value contains, so that equal inputs are recognized in another process.

Pickles would not do: their bytes depend on which parts of a value are one object and on the order of
sets. So a value is walked, and every part is hashed with its type.

What counts:

* Type and content. ``1``, ``1.0``, ``True`` and ``"1"`` have four different tokens.
* The order of lists and tuples; not that of sets and dictionaries.
* A function or class that can be imported stands for its module and name. Any other function (a lambda,
  one defined in a script or inside a function) stands for its code, its defaults and the variables it uses,
  under one Python version.
* Any other object stands for what ``pickle`` would keep of it.
* What cannot be pickled at all (an open file, a generator, a lock, lists nested without end) never has the same token twice, so that
  no stale value can pass for it.

Source:
    core.md §9.1.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import CodeType, FunctionType

#: Bytes of a token; its text is twice as long.
_SIZE = 16


def content_token(value: Any) -> str:
    """Return the token of a value: 32 hexadecimal digits, the same in every process.

    Args:
        value: Any Python value; numpy arrays and pandas tables are compared by their data.
    """
    try:
        return _Walk().digest(value).hex()
    except RecursionError:
        return os.urandom(_SIZE).hex()


class _Walk:
    """One walk through a value, which knows the objects it is inside of."""

    def __init__(self) -> None:
        from hashlib import blake2b

        self._new_hash: Callable[[bytes], Any] = lambda start: blake2b(start, digest_size=_SIZE)
        self._depth_of: dict[int, int] = {}

    def digest(self, value: Any) -> bytes:
        kind = type(value)
        if kind in _SCALARS:
            return self._tagged(kind.__name__, _SCALARS[kind](value))
        depth = self._depth_of.get(id(value))
        if depth is not None:
            return self._tagged("inside itself", str(len(self._depth_of) - depth).encode())
        self._depth_of[id(value)] = len(self._depth_of)
        try:
            return self._compound(value)
        finally:
            del self._depth_of[id(value)]

    def _tagged(self, tag: str, content: bytes) -> bytes:
        finished: bytes = self._new_hash(tag.encode() + b"\0" + content).digest()
        return finished

    def _ordered(self, tag: str, parts: Iterable[Any]) -> bytes:
        return self._tagged(tag, b"".join([self.digest(part) for part in parts]))

    def _unordered(self, tag: str, parts: Iterable[Any]) -> bytes:
        return self._tagged(tag, b"".join(sorted([self.digest(part) for part in parts])))

    def _compound(self, value: Any) -> bytes:
        from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType

        tag = _name_of(type(value))
        if isinstance(value, type):
            return self._tagged("class", _name_of(value).encode())
        if isinstance(value, (list, tuple)):
            return self._ordered(tag, value)
        if isinstance(value, (set, frozenset)):
            return self._unordered(tag, value)
        if isinstance(value, dict):
            return self._tagged(tag, b"".join(sorted([self.digest(k) + self.digest(v) for k, v in value.items()])))
        if isinstance(value, ModuleType):
            return self._tagged("module", value.__name__.encode())
        if isinstance(value, (FunctionType, BuiltinFunctionType)) and _is_importable(value):
            return self._tagged("function", _name_of(value).encode())
        if isinstance(value, FunctionType):
            return self._ordered("function by content", _parts_of_function(value))
        if isinstance(value, CodeType):
            return self._ordered("code", _parts_of_code(value))
        if type(value).__module__.partition(".")[0] == "pathlib":
            # Since Python 3.13 a path pickles the parts it was made of, however many they were.
            return self._ordered(tag, (os.fspath(value),))
        known = _parts_of_data(value)
        if known is not None:
            return self._ordered(tag, known)
        return self._reduced(tag, value)

    def _reduced(self, tag: str, value: Any) -> bytes:
        """Hash what pickle would keep."""
        try:
            reduced = value.__reduce_ex__(4)
        except Exception:  # then nothing is known of its content
            return self._tagged(tag, os.urandom(_SIZE))
        if isinstance(reduced, str):
            return self._tagged(tag, f"{getattr(value, '__module__', '')}.{reduced}".encode())
        make, arguments, *rest = reduced
        state, items, pairs = (*rest, None, None, None)[:3]
        return self._ordered(tag, (make, arguments, state, list(items or ()), dict(pairs or ())))


_SCALARS: dict[type, Callable[[Any], bytes]] = {
    type(None): lambda value: b"",
    bool: lambda value: b"1" if value else b"0",
    int: lambda value: b"%x" % value,
    float: lambda value: value.hex().encode(),
    complex: lambda value: f"{value.real.hex()} {value.imag.hex()}".encode(),
    str: lambda value: value.encode("utf-8", "surrogatepass"),
    bytes: lambda value: value,
    bytearray: bytes,
    type(...): lambda value: b"",
}


def _name_of(thing: Any) -> str:
    name = getattr(thing, "__qualname__", None) or getattr(thing, "__name__", "")
    return f"{getattr(thing, '__module__', '')}.{name}"


def _is_importable(function: Any) -> bool:
    module = getattr(function, "__module__", None)
    if module is None or module == "__main__":
        return False
    found: Any = sys.modules.get(module)
    for part in function.__qualname__.split("."):
        found = getattr(found, part, None)
    return found is function


def _parts_of_function(function: FunctionType) -> tuple[Any, ...]:
    cells = [_content_of(cell) for cell in function.__closure__ or ()]
    used = _names_used(function.__code__)
    variables = {name: function.__globals__[name] for name in used if name in function.__globals__}
    return (function.__code__, function.__defaults__, function.__kwdefaults__, cells, variables)


def _content_of(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # a variable of the enclosing function that has no value yet
        return ...


def _names_used(code: CodeType) -> set[str]:
    inner = [constant for constant in code.co_consts if isinstance(constant, type(code))]
    return set(code.co_names).union(*map(_names_used, inner))


def _parts_of_code(code: CodeType) -> tuple[Any, ...]:
    # Not the file and the line numbers: a function that moved is the same function.
    return (
        code.co_code,
        getattr(code, "co_exceptiontable", b""),  # from 3.11 on, where `try` blocks begin and end
        code.co_consts,
        code.co_names,
        code.co_varnames,
        code.co_freevars,
        code.co_argcount,
        code.co_posonlyargcount,
        code.co_kwonlyargcount,
        code.co_flags,
    )


def _parts_of_data(value: Any) -> tuple[Any, ...] | None:
    """Return what counts in a dataclass, an array or a table; None for anything else.

    numpy and pandas are never imported here: a value of theirs is proof that they already are.
    """
    if hasattr(type(value), "__dataclass_fields__"):
        from dataclasses import fields

        return tuple((field.name, getattr(value, field.name, None)) for field in fields(value))
    numpy = sys.modules.get("numpy")
    if numpy is not None and type(value) is numpy.ndarray and not value.dtype.hasobject:
        # The bytes in index order, so that the layout in memory does not matter.
        return (str(value.dtype.descr), value.shape, value.tobytes())
    pandas = sys.modules.get("pandas")
    if pandas is not None and hasattr(pandas, "DataFrame"):
        if type(value) is pandas.DataFrame:
            columns = [value.iloc[:, position] for position in range(value.shape[1])]
            return (value.columns, value.index, [_column_data(column, numpy) for column in columns], value.attrs)
        if type(value) is pandas.Series:
            return (value.name, value.index, _column_data(value, numpy), value.attrs)
    return None


def _column_data(column: Any, numpy: Any) -> Any:
    return column.to_numpy() if isinstance(column.dtype, numpy.dtype) else column.array
