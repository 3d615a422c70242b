"""The 1.x names of what executes runs that a backend keeps; see :mod:`prefect.backend`.

Source: core.md §1.2.
"""

from __future__ import annotations

from prefect.backend.flow_runner import CloudFlowRunner as CloudFlowRunner
from prefect.backend.task_runner import CloudTaskRunner as CloudTaskRunner
