"""The names 1.x keeps under ``prefect.core``: the same modules and classes, found under a second name.

Source: core.md §1.2.
"""

from __future__ import annotations

import sys

from prefect import edge as edge
from prefect import flow as flow
from prefect import parameter as parameter
from prefect.edge import Edge as Edge
from prefect.flow import Flow as Flow
from prefect.parameter import Parameter as Parameter
from prefect.task import Task as Task

#: On the package, ``prefect.task`` is the decorator; here it is the module, as in 1.x.
task = sys.modules["prefect.task"]

# An import of `prefect.core.flow` looks here before it looks for a file.
for _name in ("edge", "flow", "parameter", "task"):
    sys.modules[f"{__name__}.{_name}"] = sys.modules[f"prefect.{_name}"]

__all__ = ["Edge", "Flow", "Parameter", "Task"]
