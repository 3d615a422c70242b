"""The ``prefect`` command: one file per command.

Source: cli.md §1.1; DESIGN §6 (the version is answered, and a flow run is executed, without click being imported).
"""

from __future__ import annotations

import os
import sys

# The name alone tells type checkers; importing typing would double the cost of `prefect version`.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from prefect.cli.root import cli as cli


def main() -> int:
    """Run the command line of this process and return its exit code."""
    if sys.argv[1:] in (["version"], ["--version"]) and sys.stdout and "_PREFECT_COMPLETE" not in os.environ:
        from prefect._version import __version__

        try:
            sys.stdout.write(__version__ + "\n")
            sys.stdout.flush()
        except OSError as error:
            from prefect.cli.process import exit_code_of_unwritable_output

            return exit_code_of_unwritable_output(error)
        return 0
    import gc

    # What is imported stays; looking through it for garbage would cost a small run a twentieth of its time.
    gc.disable()
    if sys.argv[1:] == ["execute", "flow-run"] and sys.stdout and sys.stderr and "_PREFECT_COMPLETE" not in os.environ:
        from prefect.cli.flow_run_process import main as execute_flow_run

        return execute_flow_run()
    from prefect.cli.process import run_command_line

    return run_command_line()


def __getattr__(name: str) -> Any:
    if name == "cli":
        from prefect.cli.root import cli

        return cli
    raise AttributeError(f"module 'prefect.cli' has no attribute {name!r}")
