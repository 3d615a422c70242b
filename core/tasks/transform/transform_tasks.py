"""A task for Transform.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class TransformCreateMaterialization(
    OutsideTask,
    init=(
        "api_key=None, api_key_env_var=None, mql_server_url=None, mql_server_url_env_var=None, "
        "materialization_name=None, model_key_id=None, start_time=None, end_time=None, output_table=None, "
        "force=False, wait_for_creation=True"
    ),
):
    """Creates a materialization."""
