"""What a task returned and where it is kept: ``Result`` and ``NoResult`` (core.md §9.2)."""

from __future__ import annotations

from prefect.engine.result.base import NoResult as NoResult
from prefect.engine.result.base import NoResultType as NoResultType
from prefect.engine.result.base import Result as Result
from prefect.engine.result.base import ResultNotImplementedError as ResultNotImplementedError

__all__ = ["NoResult", "NoResultType", "Result", "ResultNotImplementedError"]
