"""``PowershellTask``: commands for PowerShell.

Source: core.md §21.1.
"""

from __future__ import annotations

from typing import Any, ClassVar

from prefect.tasks.shell import ShellTask


class PowershellTask(ShellTask):
    """Runs commands in PowerShell, and returns what they print.

    Args:
        command: The commands; may be given to ``run`` instead.
        env: Variable → value, in addition to the environment of this process.
        helper_script: Commands that come before ``command``.
        shell: The program that runs the script.
        return_all: Return all lines as a list, rather than the last one.
        log_stderr: Log the output at ERROR if the command fails.
        stream_output: Log each line as it comes: True for INFO, or a level by name or number.
        **kwargs: Arguments of ``Task``.

    Raises:
        TypeError: ``stream_output`` is the name of no level.

    Source:
        core.md §21.1.
    """

    _suffix: ClassVar[str] = ".ps1"

    def __init__(
        self,
        command: str | None = None,
        env: dict[str, str] | None = None,
        helper_script: str | None = None,
        shell: str = "pwsh",
        return_all: bool = False,
        log_stderr: bool = False,
        stream_output: bool | int | str = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(command, env, helper_script, shell, return_all, log_stderr, stream_output, **kwargs)
