"""Runs of flows that a backend holds.

Source: cli.md §§3.4, 3.7 to 3.11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prefect.cli.errors import CommandError

if TYPE_CHECKING:
    from prefect.cli.run import RunRequest


def run_from_backend(request: RunRequest) -> None:
    """Run a registered flow.

    Raises:
        CommandError: Always, in this version.
    """
    raise CommandError(
        "No flows are registered: this version has no backend yet, so --id, --name and --project find nothing.",
        hint="Run the flow from its file or module: prefect run --path FILE, or prefect run --module MODULE.",
    )
