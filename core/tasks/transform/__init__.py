"""Transform: materializations of metrics."""

from __future__ import annotations

from prefect.tasks.transform.transform_tasks import TransformCreateMaterialization as TransformCreateMaterialization

__all__ = ["TransformCreateMaterialization"]
