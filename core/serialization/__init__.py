"""Flows, tasks, edges, states, run configs and storages in the JSON form of the 1.x line, and back (core.md §20).

Documents agree with those of 1.4.1, so a real 1.4.1 client can read them: they carry its type names, although the
classes live elsewhere here. Values, code and results are never part of a document.
"""

from __future__ import annotations

from prefect.serialization.flows import deserialize_flow, serialize_flow
from prefect.serialization.run_configs import deserialize_run_config, serialize_run_config
from prefect.serialization.states import deserialize_state, serialize_state
from prefect.serialization.storages import deserialize_storage, serialize_storage
from prefect.serialization.tasks import serialize_edge, serialize_parameter, serialize_task
from prefect.serialization.values import ValidationError

__all__ = [
    "ValidationError",
    "deserialize_flow",
    "deserialize_run_config",
    "deserialize_state",
    "deserialize_storage",
    "serialize_edge",
    "serialize_flow",
    "serialize_parameter",
    "serialize_run_config",
    "serialize_state",
    "serialize_storage",
    "serialize_task",
]
