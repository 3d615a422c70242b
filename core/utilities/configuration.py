"""Changing the configuration for a while.

Source: core.md §17.6.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from prefect.configuration import Config, config

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MISSING: Any = object()


@contextmanager
def set_temporary_config(temp_config: Mapping[str, Any]) -> Iterator[Config]:
    """Set configuration values and put the old ones back at the end of the ``with`` block.

    ``prefect.context.config`` is the same object, so it changes with it.

    Args:
        temp_config: Dotted key → value; missing sections are created.

    Raises:
        ValueError: A key leads into a value that is not a section, or cannot be a key.
    """
    undo: list[tuple[Config, str, Any]] = []
    try:
        for dotted, value in temp_config.items():
            *sections, name = dotted.split(".")
            section = config
            for part in sections:
                if part not in section:
                    undo.append((section, part, _MISSING))
                    section[part] = Config()
                section = section[part]
                if not isinstance(section, Config):
                    raise ValueError(f"{dotted} cannot be set: {part!r} is a value, not a section.")
            undo.append((section, name, section.get(name, _MISSING)))
            section[name] = value
        yield config
    finally:
        for section, name, value in reversed(undo):
            if value is _MISSING:
                section.pop(name, None)
            else:
                section[name] = value
