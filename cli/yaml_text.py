"""JSON values as YAML.

Writing is all that is needed, so there is no dependency for it. Every text that another reader could take for something
else is quoted.
"""

from __future__ import annotations

import re
from typing import Any

#: Texts that need no quotes, unless they are one of the words below.
_PLAIN = re.compile(r"[A-Za-z_/]([\w ./()+-]*[\w./()+-])?", re.ASCII)
#: What YAML 1.1 takes for a constant.
_CONSTANTS = frozenset("null true false yes no on off y n".split())


def to_yaml(value: Any) -> str:
    """Return a value as a YAML document, keys in order.

    Args:
        value: What JSON can hold.
    """
    return "\n".join(_lines(value))


def _lines(value: Any) -> list[str]:
    if isinstance(value, dict) and value:
        return [line for key in sorted(value) for line in _entry(_text(key), value[key])]
    if isinstance(value, list) and value:
        return [("  " if number else "- ") + line for item in value for number, line in enumerate(_lines(item))]
    return [_scalar(value)]


def _entry(key: str, value: Any) -> list[str]:
    lines = _lines(value)
    if isinstance(value, dict) and value:
        return [f"{key}:", *(f"  {line}" for line in lines)]
    if isinstance(value, list) and value:
        return [f"{key}:", *lines]
    return [f"{key}: {lines[0]}"]


def _scalar(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        text = repr(value)
        # Without a point it would be read as text.
        return text if "." in text or "e" not in text else text.replace("e", ".0e")
    if isinstance(value, str):
        return _text(value)
    return "{}" if value == {} else "[]" if value == [] else str(value)


def _text(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.lower() not in _CONSTANTS:
        return text
    return f'"{"".join(map(_in_quotes, text))}"'


def _in_quotes(sign: str) -> str:
    if sign in '"\\':
        return f"\\{sign}"
    if sign.isprintable():
        return sign
    return {"\n": "\\n", "\t": "\\t"}.get(sign, f"\\U{ord(sign):08x}")
