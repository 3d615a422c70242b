"""A task for notebooks.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class ExecuteNotebook(
    OutsideTask,
    init=(
        "path=None, parameters=None, log_output=False, output_format='notebook', exporter_kwargs=None, kernel_name=None"
    ),
    run="path=None, parameters=None, output_format=None, exporter_kwargs=None",
):
    """Executes a notebook, and returns it as text."""
