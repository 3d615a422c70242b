"""A task for Mixpanel.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class MixpanelExportTask(
    OutsideTask,
    init=(
        "api_secret=None, api_secret_env_var=None, from_date='2011-07-10', to_date=..., limit=None, "
        "event=None, where=None, parse_response=False, use_eu_server=False, group_events=False"
    ),
    run=(
        "api_secret=None, api_secret_env_var=None, from_date=None, to_date=None, limit=None, event=None, "
        "where=None, parse_response=False, use_eu_server=False, group_events=False"
    ),
):
    """Exports events."""
