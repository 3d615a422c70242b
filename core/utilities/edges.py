"""The edge annotations, at their 1.x address.

Source: core.md §5.
"""

from __future__ import annotations

from prefect.edge import EdgeAnnotation, flatten, mapped, unmapped

__all__ = ["EdgeAnnotation", "flatten", "mapped", "unmapped"]
