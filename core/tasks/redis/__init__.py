"""Redis: keys and commands."""

from __future__ import annotations

from prefect.tasks.redis.redis_tasks import RedisExecute as RedisExecute
from prefect.tasks.redis.redis_tasks import RedisGet as RedisGet
from prefect.tasks.redis.redis_tasks import RedisSet as RedisSet

__all__ = ["RedisExecute", "RedisGet", "RedisSet"]
