"""Airbyte: syncs of connections, and exports of configurations."""

from __future__ import annotations

from prefect.tasks.airbyte.airbyte import AirbyteConfigurationExport as AirbyteConfigurationExport
from prefect.tasks.airbyte.airbyte import AirbyteConnectionTask as AirbyteConnectionTask

__all__ = ["AirbyteConfigurationExport", "AirbyteConnectionTask"]
