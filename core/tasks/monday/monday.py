"""A task for boards of Monday.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class CreateItem(
    OutsideTask,
    init="board_id=None, group_id=None, item_name=None, column_values=None",
    run="board_id=None, group_id=None, item_name=None, column_values=None, monday_api_token='MONDAY_API_TOKEN'",
):
    """Creates an item."""
