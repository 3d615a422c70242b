"""Tasks for a push gateway of Prometheus.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class PushAddGaugeToGateway(
    OutsideTask,
    init="pushgateway_url=None, counter_name=None, counter_description=None, grouping_key=None, job_name=None",
    run=(
        "values, labels, pushgateway_url=None, counter_name=None, counter_description=None, "
        "grouping_key=None, job_name=None"
    ),
):
    """Adds values to those of the same job."""


class PushGaugeToGateway(
    OutsideTask,
    init="pushgateway_url=None, counter_name=None, counter_description=None, grouping_key=None, job_name=None",
    run=(
        "values, labels, pushgateway_url=None, counter_name=None, counter_description=None, "
        "grouping_key=None, job_name=None"
    ),
):
    """Replaces the values of the same job."""
