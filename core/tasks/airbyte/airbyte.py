"""Tasks for an Airbyte server.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideClient, OutsideTask


class AirbyteExportConfigurationFailed(Exception):
    """The configuration could not be exported."""


class AirbyteServerNotHealthyException(Exception):
    """The server is not healthy."""


class AirbyteSyncJobFailed(Exception):
    """The sync failed."""


class ConnectionNotFoundException(Exception):
    """There is no such connection."""


class JobNotFoundException(Exception):
    """There is no such job."""


class AirbyteClient(OutsideClient):
    """Client of the API of Airbyte."""


class AirbyteConfigurationExport(
    OutsideTask,
    init="airbyte_server_host='localhost', airbyte_server_port=8000, airbyte_api_version='v1'",
    run="airbyte_server_host=None, airbyte_server_port=None, airbyte_api_version=None",
):
    """Exports the configuration of a server."""


class AirbyteConnectionTask(
    OutsideTask,
    init=(
        "airbyte_server_host='localhost', airbyte_server_port=8000, airbyte_api_version='v1', "
        "connection_id=None, stream_output=False"
    ),
    run=(
        "airbyte_server_host=None, airbyte_server_port=None, airbyte_api_version=None, connection_id=None, "
        "poll_interval_s=15"
    ),
):
    """Syncs a connection, and waits until that is done."""
