"""``ShellTask``: commands for a shell.

Source: core.md §21.1.
"""

# Without the __future__ import: the texts of the annotations of `run` are part of the 1.x JSON form (core.md §20.2).
import logging
import os
import signal
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any, ClassVar, List, Optional, Union  # noqa: UP035 - their texts, see above

from prefect.engine import signals
from prefect.task import Task
from prefect.utilities.tasks import defaults_from_attrs

if TYPE_CHECKING:
    from subprocess import Popen

#: Seconds that a command has to end by itself when its task is interrupted.
_GRACE_SECONDS = 2.0


class ShellTask(Task):
    """Runs commands in a shell, and returns what they print.

    Args:
        command: The commands; may be given to ``run`` instead.
        env: Variable → value, in addition to the environment of this process.
        helper_script: Commands that come before ``command``, such as functions it uses.
        shell: The program that runs the script.
        return_all: Return all lines as a list, rather than the last one.
        log_stderr: Log the output at ERROR if the command fails; it is not logged twice with ``stream_output``.
        stream_output: Log each line as it comes: True for INFO, or a level by name or number.
        **kwargs: Arguments of ``Task``.

    Raises:
        TypeError: ``stream_output`` is the name of no level.

    Example:
        >>> ShellTask(helper_script="cd /").run(command="pwd")
        '/'

    Source:
        core.md §21.1.
    """

    #: What the name of the script's file ends with.
    _suffix: ClassVar[str] = ""

    def __init__(
        self,
        command: str | None = None,
        env: dict[str, str] | None = None,
        helper_script: str | None = None,
        shell: str = "bash",
        return_all: bool = False,
        log_stderr: bool = False,
        stream_output: bool | int | str = False,
        **kwargs: Any,
    ) -> None:
        self.command = command
        self.env = env
        self.helper_script = helper_script
        self.shell = shell
        self.return_all = return_all
        self.log_stderr = log_stderr
        self.stream_output = _level(stream_output)
        super().__init__(**kwargs)

    @defaults_from_attrs("command", "env", "helper_script")
    def run(
        self,
        command: str = None,  # type: ignore[assignment]  # noqa: RUF013 - as 1.x serializes it
        env: dict = None,  # type: ignore[type-arg, assignment]  # noqa: RUF013 - as above
        helper_script: str = None,  # type: ignore[assignment]  # noqa: RUF013 - as above
    ) -> Optional[Union[str, List[str]]]:  # noqa: UP006, UP007, UP045 - as above
        """Run the commands and return what they printed, on standard error too, without white space at the ends of lines.

        Args:
            command: In place of that of the task.
            env: In place of that of the task.
            helper_script: In place of that of the task.

        Returns:
            The last line, or None if there is none; with ``return_all`` the list of all lines. Bytes that are not UTF-8 are
            replaced.

        Raises:
            FAIL: The exit code is not 0; the result of the state is what would have been returned.
            OSError: The shell could not be started.
            TypeError: There is no command, or it or a variable is no text.
        """
        from tempfile import NamedTemporaryFile

        if command is None:
            kind = type(self).__name__
            raise TypeError(f"{kind} has no command to run. Give `command` to {kind}(…) or to its run(…).")
        _check(command, env or {})
        script = "\n".join(part for part in (helper_script, command) if part)
        with NamedTemporaryFile(prefix="prefect-", suffix=self._suffix) as file:
            file.write(script.encode())
            file.flush()
            lines, exit_code = self._execute(file.name, env or {})
        output = lines if self.return_all else lines[-1] if lines else None
        if exit_code:
            message = f"Command failed with exit code {exit_code}"
            self.logger.error(message)
            if self.log_stderr and not self.stream_output and lines:
                self.logger.error("\n".join(lines) if self.return_all else lines[-1])
            raise signals.FAIL(message, result=output)
        return output

    def _execute(self, path: str, env: dict[str, str]) -> tuple[list[str], int]:
        """Run a script, and return the lines it printed with its exit code."""
        from subprocess import PIPE, STDOUT, Popen

        lines = []
        with Popen([self.shell, path], stdout=PIPE, stderr=STDOUT, env={**os.environ, **env}) as process:
            assert process.stdout is not None
            try:
                for line in _lines(process.stdout):
                    lines.append(line)
                    if self.stream_output:
                        self.logger.log(self.stream_output, line)
            except BaseException:
                # Otherwise the end of the `with` block would wait for a command that a timeout or Ctrl-C is to stop.
                _end(process)
                raise
        return lines, process.returncode


def _check(command: Any, env: dict[str, Any]) -> None:
    if not isinstance(command, str):
        raise TypeError(f"`command` is {command!r}. Give it as text, such as 'ls -l'.")
    for name, value in env.items():
        if not isinstance(value, (str, bytes, os.PathLike)):
            raise TypeError(f"The variable {name!r} of `env` is {value!r}. Give its value as text.")


def _lines(output: IO[bytes]) -> Iterator[str]:
    return (line.decode(errors="replace").rstrip() for line in output)


def _level(stream_output: bool | int | str) -> int:
    if isinstance(stream_output, str):
        level = logging.getLevelName(stream_output)
        if not isinstance(level, int):
            raise TypeError(
                f"`stream_output` is {stream_output!r}, which is not a valid log level. Give True, a number, or a name"
                " such as 'INFO'."
            )
        return level
    return logging.INFO if stream_output is True else stream_output


def _end(process: "Popen[bytes]") -> None:
    """End a process and what it has started."""
    from subprocess import TimeoutExpired

    for pid in [process.pid, *_descendants(process.pid)]:
        try:
            os.kill(pid, signal.SIGTERM)
        except ProcessLookupError:
            pass  # it has just ended by itself
    try:
        process.wait(_GRACE_SECONDS)
    except TimeoutExpired:
        process.kill()


def _descendants(pid: int) -> list[int]:
    """Return the children of a process, and theirs, where the system tells them in ``/proc``."""
    from glob import glob

    found = []
    for path in glob(f"/proc/{pid}/task/*/children"):
        try:
            with open(path, encoding="ascii") as file:
                children = [int(child) for child in file.read().split()]
        except OSError:
            continue  # the thread has ended meanwhile
        for child in children:
            found += [child, *_descendants(child)]
    return found
