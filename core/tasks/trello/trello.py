"""A task for boards of Trello.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class CreateCard(
    OutsideTask,
    init="list_id=None, card_name=None, card_info=None",
    run=(
        "list_id=None, card_name=None, card_info=None, trello_api_key='TRELLO_API_KEY', "
        "trello_server_token='TRELLO_SERVER_TOKEN'"
    ),
):
    """Creates a card."""
