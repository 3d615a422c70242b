"""Tasks for Cosmos DB.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class CosmosDBCreateItem(
    OutsideTask,
    init=(
        "url=None, database_or_container_link=None, item=None, azure_credentials_secret='AZ_CREDENTIALS', options=None"
    ),
):
    """Creates an item."""


class CosmosDBQueryItems(
    OutsideTask,
    init=(
        "url=None, database_or_container_link=None, query=None, azure_credentials_secret='AZ_CREDENTIALS', "
        "options=None, partition_key=None"
    ),
):
    """Asks for items."""


class CosmosDBReadItems(
    OutsideTask,
    init="url=None, document_or_container_link=None, azure_credentials_secret='AZ_CREDENTIALS', options=None",
):
    """Reads items."""
