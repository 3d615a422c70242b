"""The edge annotations at their 1.x address. Source: core.md §5."""

from __future__ import annotations

import prefect
from prefect.utilities import edges


def test_they_are_the_public_ones():
    assert (edges.mapped, edges.unmapped, edges.flatten) == (prefect.mapped, prefect.unmapped, prefect.flatten)


def test_they_share_a_base():
    assert all(issubclass(kind, edges.EdgeAnnotation) for kind in (edges.mapped, edges.unmapped, edges.flatten))
