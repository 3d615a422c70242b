"""Flows, tasks, edges and states in the JSON form of the 1.x line, and back (core.md §20).

Documents agree with those of 1.4.1, so a real 1.4.1 client can read them: they carry its type names, although the
classes live elsewhere here. Values, code and results are never part of a document.
"""

from __future__ import annotations

from prefect.serialization.flows import deserialize_flow, serialize_flow
from prefect.serialization.states import deserialize_state, serialize_state
from prefect.serialization.tasks import serialize_edge, serialize_parameter, serialize_task
from prefect.serialization.values import ValidationError

__all__ = [
    "ValidationError",
    "deserialize_flow",
    "deserialize_state",
    "serialize_edge",
    "serialize_flow",
    "serialize_parameter",
    "serialize_state",
    "serialize_task",
]
