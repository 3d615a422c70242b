"""``Module``: flows in an importable module."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from prefect.storage.code.base import Storage
from prefect.storage.code.files import flow_of_module

if TYPE_CHECKING:
    from prefect.flow import Flow


class Module(Storage):
    """Flows that a module defines, which runs have to be able to import.

    Args:
        module: ``package.module``, or ``package.module:attribute.path`` where the attribute is a flow or a function
            without arguments that returns one.
        kwargs: Arguments of :class:`~prefect.storage.Storage`.

    Source:
        core.md §16.2.
    """

    def __init__(self, module: str, **kwargs: Any) -> None:
        self.module = module
        super().__init__(**kwargs)

    @property
    def source_file(self) -> str | None:
        """Absolute path of the module's file."""
        return file_of_module(self.module)

    def add_flow(self, flow: Flow) -> str:
        """Note that a flow is in the module, and return the module.

        Raises:
            ValueError: A flow of that name is already there.
        """
        return self._added(flow, self.module, argument="module")

    def get_flow(self, flow_name: str) -> Flow:
        """Import the module and take a flow from it.

        Raises:
            ModuleNotFoundError: There is no such module.
            ValueError: There is no flow of that name.
            Exception: Whatever importing the module raises.
        """
        return flow_of_module(self._location(flow_name), flow_name)


def file_of_module(name: str) -> str | None:
    """Return the absolute path of a module's file, or None if it cannot be found.

    Args:
        name: Dotted path of the module; what follows a colon does not matter. Packages above it may be imported.
    """
    from importlib.util import find_spec

    name = name.partition(":")[0]
    module = sys.modules.get(name)
    if module is not None:
        file = getattr(module, "__file__", None)
    else:
        try:
            specification = find_spec(name)
        except (ImportError, ValueError):
            return None
        file = specification.origin if specification is not None and specification.has_location else None
    return None if file is None else os.path.abspath(file)
