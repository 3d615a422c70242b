"""Great Expectations: validation of data."""

from __future__ import annotations

from prefect.tasks.great_expectations.checkpoints import (
    RunGreatExpectationsValidation as RunGreatExpectationsValidation,
)

__all__ = ["RunGreatExpectationsValidation"]
