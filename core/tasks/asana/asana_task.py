"""A task for projects of Asana.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class OpenAsanaToDo(OutsideTask, init="name=None, notes=None, project=None, token=None"):
    """Opens a to-do in a project."""
