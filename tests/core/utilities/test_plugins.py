"""The plugin registries. Source: core.md §1.2."""

from __future__ import annotations

import prefect
from prefect.utilities.collections import DotDict


def test_the_registries_exist_and_are_empty():
    for registry in (prefect.api, prefect.models, prefect.plugins):
        assert isinstance(registry, DotDict)
        assert len(registry) == 0
