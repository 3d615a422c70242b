"""Loggers of flows, tasks and components, all below the logger ``prefect``, which writes to stdout.

Source: core.md §18.
"""

from __future__ import annotations

import atexit
import io
import logging
import os
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO, cast

from prefect.config_file import InvalidConfigurationError
from prefect.configuration import config
from prefect.context import context, current_layers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    _TextHandler = logging.StreamHandler[TextIO]
else:
    _TextHandler = logging.StreamHandler  # Python 3.10 cannot subscript it

#: Context values that records of a run carry.
RECORD_ATTRIBUTES = ("flow_name", "flow_run_id", "task_name", "task_slug", "task_run_id")

_MISSING: Any = object()
_plain_record = logging.getLogRecordFactory()


def _record_with_context(*args: Any, **kwargs: Any) -> logging.LogRecord:
    record = _plain_record(*args, **kwargs)
    attributes = record.__dict__
    layers = current_layers()
    for name in RECORD_ATTRIBUTES:
        for layer in layers:
            if name in layer:
                value = layer[name]
                # Names and ids are text; whatever else is there is for the context to explain.
                if value.__class__ is not str:
                    value = context.get(name, _MISSING)
                if value is not _MISSING:
                    attributes[name] = value
                break
    for name in config.logging.log_attributes:
        attributes[name] = context.get(name)
    return record


class Formatter(logging.Formatter):
    """The standard formatter, made cheap for plain lines.

    It works out the text of a time once a second, as ``strftime`` knows nothing finer.
    """

    def __init__(self, fmt: str | None = None, datefmt: str | None = None) -> None:
        super().__init__(fmt, datefmt)
        self._uses_time = self.usesTime()
        self._second = (-1, "")

    def format(self, record: logging.LogRecord) -> str:
        """Return the text of the record, as the standard formatter does."""
        if record.exc_info or record.exc_text or record.stack_info:
            return super().format(record)
        record.message = record.getMessage()
        if self._uses_time:
            record.asctime = self.formatTime(record, self.datefmt)
        return self.formatMessage(record)

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 - its name in logging
        """Return the local time of the record in ``datefmt``, as the standard formatter does."""
        if not datefmt:
            return super().formatTime(record, datefmt)
        second = int(record.created)
        known = self._second  # one read: another thread may replace it
        if known[0] != second:
            known = self._second = (second, time.strftime(datefmt, time.localtime(second)))
        return known[1]


class StdoutHandler(_TextHandler):
    """Writes to what ``sys.stdout`` was when this handler was made.

    Redirecting ``sys.stdout`` later, as ``log_stdout`` does, leaves log lines where they were: so it was in
    1.x, and so a log line can never become the text of another one.

    When the reader of stdout leaves, as ``head`` does, lines go nowhere and the flow goes on: only a program knows whether
    what it does is of use without being read, and it meets the broken pipe itself as soon as it prints.
    """

    def __init__(self) -> None:
        super().__init__(sys.stdout)

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        try:
            line = self.format(record) + "\n"
            stream = self.stream
            if getattr(stream, "closed", False):
                # A test runner or notebook took its stream back.
                stream = self.stream = sys.stdout
                if getattr(stream, "closed", False):
                    return  # A task has closed it, and with it said that nothing more is to be read.
            stream.write(line)
            stream.flush()
        except BrokenPipeError:
            self.stream = cast("TextIO", _Nowhere())
            # The line is still in the buffer of the stream, and flushing it would be the interpreter's last complaint.
            atexit.register(_drop_what_is_left, stream)
        except Exception:  # noqa: BLE001 - a line that cannot be written must not end a run
            self.handleError(record)


class _Nowhere(io.TextIOBase):
    """A stream of which nothing is kept."""

    def write(self, text: str) -> int:
        return len(text)


def _drop_what_is_left(stream: TextIO) -> None:
    try:
        stream.flush()
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except ValueError:
        return  # closed meanwhile, by whoever owns it


def get_logger(name: str | None = None) -> logging.Logger:
    """Return the logger ``prefect``, or ``prefect.<name>``."""
    return logging.getLogger(f"prefect.{name}" if name else "prefect")


def create_diagnostic_logger(name: str) -> logging.Logger:
    """Return the logger ``name``, outside ``prefect``, whose lines stay on this machine whatever backend is used."""
    logger = logging.getLogger(name)
    _equip(logger, _stdout_handler())
    return logger


def configure_logging(testing: bool = False) -> logging.Logger:
    """Give the logger ``prefect`` and those of ``logging.extra_loggers`` the configured level, formats and handlers.

    It runs once on import; calling it again applies a configuration that has changed.

    Args:
        testing: Prepare and return a logger of another name, and leave ``prefect`` alone.

    Raises:
        InvalidConfigurationError: Level or format cannot be used; the message names the setting. It is a ``ValueError``.
    """
    handler = _stdout_handler()
    logger = logging.getLogger("prefect-test-logger" if testing else "prefect")
    _equip(logger, handler)
    if not testing:
        for name in config.logging.extra_loggers:
            _equip(logging.getLogger(name), handler)
    return logger


def log_to(stream: TextIO) -> None:
    """Send the lines of the logger ``prefect``, and of those configured with it, to another stream."""
    for handler in get_logger().handlers:
        if isinstance(handler, StdoutHandler):
            handler.setStream(stream)


@contextmanager
def temporary_logger_config(
    level: int | str | None = None, stream_fmt: str | None = None, stream_datefmt: str | None = None
) -> Iterator[None]:
    """Change level and formats of the logger ``prefect`` until the ``with`` block ends; None leaves one as it is.

    Args:
        level: Number or name of the least level that is logged.
        stream_fmt: Format of lines on stdout.
        stream_datefmt: ``strftime`` format of times on stdout.
    """
    logger = get_logger()
    old_level = logger.level
    old_formatters = [(handler, handler.formatter) for handler in logger.handlers if isinstance(handler, StdoutHandler)]
    try:
        if level is not None:
            logger.setLevel(level)
        for handler, old in old_formatters:
            format_, datefmt = (old._fmt, old.datefmt) if old else (None, None)
            handler.setFormatter(Formatter(stream_fmt or format_, stream_datefmt or datefmt))
        yield
    finally:
        logger.setLevel(old_level)
        for handler, old in old_formatters:
            handler.setFormatter(old)


def _equip(logger: logging.Logger, *handlers: logging.Handler) -> None:
    level = config.logging.level
    try:
        logger.setLevel(level.upper() if isinstance(level, str) else level)
    except (TypeError, ValueError) as exc:
        raise InvalidConfigurationError(
            f"logging.level is {level!r}. Set it to DEBUG, INFO, WARNING, ERROR or CRITICAL."
        ) from exc
    for old in logger.handlers[:]:
        if isinstance(old, StdoutHandler):
            logger.removeHandler(old)
    for handler in handlers:
        logger.addHandler(handler)


def _stdout_handler() -> StdoutHandler:
    handler = StdoutHandler()
    settings = config.logging
    try:
        handler.setFormatter(Formatter(settings.format, settings.datefmt))
    except (TypeError, ValueError) as exc:
        raise InvalidConfigurationError(
            f"logging.format cannot be used: {exc}. Write it with fields such as %(message)s."
        ) from exc
    return handler


class RedirectToLog:
    """A stand-in for ``sys.stdout`` that logs each completed line, at INFO; blank lines are left out.

    Threads may share it: each has its own line in the making.

    Args:
        logger: Takes the lines; by default ``prefect.TaskRunner``.

    Source: core.md §18.4; that one ``print`` makes one record repairs quirk 23 of §23.
    """

    encoding = "utf-8"
    errors = "strict"

    def __init__(self, logger: logging.Logger | None = None) -> None:
        self.stdout_logger = logger or get_logger("TaskRunner")
        self.original = sys.stdout
        self._unfinished: dict[int, str] = {}
        # Reentrant: a signal handler that prints may interrupt a thread in here.
        self._lock = threading.RLock()
        self._logging = threading.local()
        self._closed = False

    def write(self, text: str) -> int:
        """Log the lines that ``text`` completes and keep the rest for later.

        Raises:
            TypeError: ``text`` is not a string.
        """
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if self._passes_through():
            return self.original.write(text)
        thread = threading.get_ident()
        with self._lock:
            *lines, rest = (self._unfinished.pop(thread, "") + text).split("\n")
            if rest:
                self._unfinished[thread] = rest
        for line in lines:
            self._log(line)
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write each string of ``lines``."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Log the unfinished line of the calling thread."""
        if self._passes_through():
            self.original.flush()
            return
        with self._lock:
            line = self._unfinished.pop(threading.get_ident(), "")
        self._log(line)

    def flush_all(self) -> None:
        """Log the unfinished lines of all threads."""
        with self._lock:
            lines = list(self._unfinished.values())
            self._unfinished.clear()
        for line in lines:
            self._log(line)

    def close(self) -> None:
        """Log what is unfinished; what is written from now on goes where it would have gone without this object."""
        self.flush_all()
        self._closed = True

    def isatty(self) -> bool:
        """Return False: nobody watches a log while it is written."""
        return False

    def writable(self) -> bool:
        """Return True."""
        return True

    def _passes_through(self) -> bool:
        # A log handler that itself prints to sys.stdout must not log what it prints.
        return self._closed or getattr(self._logging, "now", False)

    def _log(self, line: str) -> None:
        if not line.strip():
            return
        self._logging.now = True
        try:
            self.stdout_logger.info(line.rstrip("\r"), stacklevel=3)
        finally:
            self._logging.now = False


_redirect: RedirectToLog | None = None
_redirecting = 0
_redirect_lock = threading.Lock()


@contextmanager
def redirected_stdout(logger: logging.Logger | None = None) -> Iterator[RedirectToLog]:
    """Log what is printed until the ``with`` block ends.

    ``sys.stdout`` belongs to the whole process. Blocks that overlap in several threads therefore share one
    redirection: the first begins it, the last ends it, in whatever order they finish.

    Args:
        logger: Takes the lines; by default ``prefect.TaskRunner``. The first of overlapping blocks decides.
    """
    global _redirect, _redirecting
    with _redirect_lock:
        if _redirect is None:
            _redirect = RedirectToLog(logger)
            sys.stdout = cast("TextIO", _redirect)
        redirect = _redirect
        _redirecting += 1
    try:
        yield redirect
    finally:
        try:
            redirect.flush_all()
        finally:
            with _redirect_lock:
                _redirecting -= 1
                if not _redirecting:
                    redirect._closed = True
                    _redirect = None
                    if sys.stdout is redirect:
                        sys.stdout = redirect.original


logging.setLogRecordFactory(_record_with_context)
# This module is imported with the first run, not with the package: a level that the user's code has set since then stays.
_level_of_the_user = logging.getLogger("prefect").level
#: The logger ``prefect``.
prefect_logger = configure_logging()
if _level_of_the_user != logging.NOTSET:
    prefect_logger.setLevel(_level_of_the_user)
