"""The 1.x import path of ``prefect.context``."""

from prefect.context import Context, context

__all__ = ["Context", "context"]
