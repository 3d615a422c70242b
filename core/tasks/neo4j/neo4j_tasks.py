"""A task for Neo4j.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class Neo4jRunCypherQueryTask(
    OutsideTask,
    init=(
        "server_uri=None, user=None, password=None, db_name=None, server_uri_env_var=None, "
        "user_env_var=None, password_env_var=None, db_name_env_var=None, cypher_query=None, "
        "return_result_as='raw'"
    ),
):
    """Runs a Cypher query."""
