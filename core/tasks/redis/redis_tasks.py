"""Tasks for Redis.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class RedisExecute(
    OutsideTask,
    init=(
        "host='localhost', port=6379, db=0, password_secret='REDIS_PASSWORD', redis_connection_params=None, "
        "redis_cmd=None"
    ),
    run="redis_cmd=None",
):
    """Executes a command."""


class RedisGet(
    OutsideTask,
    init=(
        "host='localhost', port=6379, db=0, password_secret='REDIS_PASSWORD', redis_connection_params=None, "
        "redis_key=None"
    ),
    run="redis_key=None",
):
    """Fetches the value of a key."""


class RedisSet(
    OutsideTask,
    init=(
        "host='localhost', port=6379, db=0, password_secret='REDIS_PASSWORD', redis_key=None, "
        "redis_val=None, redis_connection_params=None, ex=None, px=None, nx=False, xx=False"
    ),
    run="redis_key=None, redis_val=None, ex=None, px=None, nx=False, xx=False",
):
    """Sets the value of a key."""
