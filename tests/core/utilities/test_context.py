"""The context at its 1.x address. Source: core.md §12."""

from __future__ import annotations

import prefect
from prefect.utilities.context import Context, context


def test_it_is_the_public_one():
    assert context is prefect.context
    assert isinstance(context, Context)
