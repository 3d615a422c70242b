"""Snowflake: queries."""

from __future__ import annotations

from prefect.tasks.snowflake.snowflake import SnowflakeQueriesFromFile as SnowflakeQueriesFromFile
from prefect.tasks.snowflake.snowflake import SnowflakeQuery as SnowflakeQuery

__all__ = ["SnowflakeQueriesFromFile", "SnowflakeQuery"]
