"""A task for Zendesk.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class ZendeskTicketsIncrementalExportTask(
    OutsideTask,
    init=(
        "subdomain=None, email_address=None, api_token=None, api_token_env_var=None, start_time=None, "
        "cursor=None, exclude_deleted=False, include_entities=None"
    ),
    run=(
        "subdomain=None, email_address=None, api_token=None, api_token_env_var=None, start_time=None, "
        "cursor=None, exclude_deleted=None, include_entities=None"
    ),
):
    """Exports the tickets that changed."""
