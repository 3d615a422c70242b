"""The 1.x names of what executes runs that a backend keeps; see :mod:`prefect.backend`.

Source: core.md §1.2.
"""

from __future__ import annotations

import sys

from prefect.backend import flow_runner as flow_runner
from prefect.backend import task_runner as task_runner
from prefect.backend.flow_runner import CloudFlowRunner as CloudFlowRunner
from prefect.backend.task_runner import CloudTaskRunner as CloudTaskRunner

# In 1.x this is a package; an import of `prefect.engine.cloud.flow_runner` looks here before it looks for a file.
for _name in ("flow_runner", "task_runner"):
    sys.modules[f"{__name__}.{_name}"] = sys.modules[f"prefect.backend.{_name}"]
