"""``UniversalRun``: a run that any agent can take."""

from __future__ import annotations

from prefect.run_configs.base import RunConfig


class UniversalRun(RunConfig):
    """Run on whatever the agent runs flows on; what a flow has that asks for nothing else.

    Args:
        env: Environment variables of the run, name → value.
        labels: Only an agent that has all of these takes the run.

    Source:
        core.md §15.
    """
