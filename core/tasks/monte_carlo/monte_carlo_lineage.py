"""Tasks for Monte Carlo.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask, outside_function


class MonteCarloIncorrectTagsFormat(Exception):
    """Tags do not have the right form."""


class MonteCarloCreateOrUpdateLineage(
    OutsideTask,
    init="source=None, destination=None, api_key_id=None, api_token=None, prefect_context_tags=True, expire_at=None",
):
    """Records that data go from one node to another."""


class MonteCarloCreateOrUpdateNodeWithTags(
    OutsideTask,
    init=(
        "node_name=None, object_id=None, object_type=None, resource_name=None, lineage_tags=None, "
        "api_key_id=None, api_token=None, prefect_context_tags=True"
    ),
):
    """Records a node with its tags."""


class MonteCarloGetResources(OutsideTask, init="api_key_id=None, api_token=None"):
    """Fetches the resources of an account."""


get_prefect_context_tags = outside_function("get_prefect_context_tags", __name__, "")
