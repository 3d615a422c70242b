"""Monte Carlo: lineage of data."""

from __future__ import annotations

from prefect.tasks.monte_carlo.monte_carlo_lineage import (
    MonteCarloCreateOrUpdateLineage as MonteCarloCreateOrUpdateLineage,
)
from prefect.tasks.monte_carlo.monte_carlo_lineage import (
    MonteCarloCreateOrUpdateNodeWithTags as MonteCarloCreateOrUpdateNodeWithTags,
)
from prefect.tasks.monte_carlo.monte_carlo_lineage import MonteCarloGetResources as MonteCarloGetResources

__all__ = ["MonteCarloCreateOrUpdateLineage", "MonteCarloCreateOrUpdateNodeWithTags", "MonteCarloGetResources"]
