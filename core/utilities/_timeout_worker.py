"""What travels between a thread and the process of a function with a timeout, and that process itself.

Source: core.md §8.4 "Timeout mechanism by place".
"""

from __future__ import annotations

import io
import logging
import os
import pickle
import signal
import sys
import threading
import traceback
from functools import partial
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

import cloudpickle

from prefect.context import Context, Lazy, context, push_layers
from prefect.utilities._pickling import Pickler

if TYPE_CHECKING:
    from collections.abc import Callable


def request_for(fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], name: str) -> bytes:
    """Return a call, and what it can see of this process, as bytes.

    Raises:
        RuntimeError: The function or an argument cannot be pickled.
    """
    module = sys.modules.get(getattr(fn, "__module__", None) or "")
    if module is not None and module.__spec__ is None and module.__name__ != "__main__":
        # Executed from a file rather than imported, as flow files are: nobody else can import it by this name.
        cloudpickle.register_pickle_by_value(module)
    try:
        call = _dump((fn, args, kwargs))
    except Exception as exc:
        raise RuntimeError(
            f"{name} cannot be sent to the process that its timeout needs in a thread: {exc!r}. Use inputs and"
            " globals that can be pickled, or run the flow without threads."
        ) from exc
    return pickle.dumps(
        (name, call, _context_values(), _log_levels(), sys.argv, sys.stdout not in (None, sys.__stdout__))
    )


def _dump(value: Any) -> bytes:
    file = io.BytesIO()
    _Pickler(file).dump(value)
    return file.getvalue()


class _Pickler(Pickler):
    """Pickles ``prefect.context`` as the context of wherever it arrives: functions often hold it as a global."""

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, Context):
            return _present_context, ()
        return super().reducer_override(obj)


def _present_context() -> Context:
    return context


def _context_values() -> dict[str, bytes]:
    values = {}
    for name, value in context.items():
        try:
            values[name] = _dump(value)
        except Exception:  # noqa: BLE001 - the function just cannot see what cannot go there
            continue
    return values


def _log_levels() -> dict[str, int]:
    """Return the levels that were set, so that the other process makes no record that nobody wants."""
    loggers = logging.root.manager.loggerDict.copy()
    levels = {name: logger.level for name, logger in loggers.items() if isinstance(logger, logging.Logger)}
    return {**{name: level for name, level in levels.items() if level}, "root": logging.root.level}


def outcome(kind: str, content: Any, name: str) -> tuple[Any, BaseException | None]:
    """Return the value, or the exception to raise, that the other process has answered with.

    Args:
        kind: ``returned`` or ``raised``.
        content: What came with it.
        name: What messages call the function.
    """
    if kind == "returned":
        try:
            return pickle.loads(content), None
        except Exception as exc:  # noqa: BLE001 - whatever the value does when it is unpickled
            error: BaseException = RuntimeError(
                f"{name} returned a value that cannot be unpickled: {exc!r}. Return something that can be."
            )
            error.__cause__ = exc
            return None, error
    payload, description, lines = content
    try:
        error = pickle.loads(payload)
    except Exception:  # noqa: BLE001 - whatever the exception does when it is unpickled
        error = RuntimeError(
            f"{name} raised {description}, which cannot leave the process that its timeout needs in a thread."
            " Raise something that can be pickled, or run the flow without threads."
        )
    if lines:
        error.__cause__ = RemoteTraceback(lines)
    return None, error


class RemoteTraceback(Exception):
    """The cause of an exception from another process: shows the traceback it had there."""

    def __str__(self) -> str:
        return f"\n{self.args[0].rstrip()}"


def _raised(exc: BaseException) -> tuple[str, Any]:
    # The first frame is that of this module.
    frames = exc.__traceback__ and exc.__traceback__.tb_next
    lines = "".join(traceback.format_exception(type(exc), exc, frames)) if frames else ""
    return "raised", (_dump_exception(exc), repr(exc), lines)


def _dump_exception(exc: BaseException) -> bytes:
    """Return the exception as bytes that can be read again, or else nothing."""
    for candidate in (exc, _Bare(exc)):
        try:
            payload = _dump(candidate)
            pickle.loads(payload)
        except Exception:  # noqa: BLE001 - the next one, then
            continue
        return payload
    return b""


class _Bare:
    """An exception that is rebuilt without calling its ``__init__``, whose arguments nobody knows."""

    def __init__(self, exc: BaseException) -> None:
        self._exc = exc

    def __reduce__(self) -> Any:
        return _rebuilt, (type(self._exc), self._exc.args, self._exc.__dict__)


def _rebuilt(kind: type[BaseException], args: tuple[Any, ...], attributes: dict[str, Any]) -> BaseException:
    exc = kind.__new__(kind, *args)
    exc.args = args
    exc.__dict__.update(attributes)
    return exc


class _Channel(logging.Handler):
    """The way back: log records, what is printed, and the answer."""

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._connection = connection

    def send(self, kind: str, content: Any = None) -> None:
        payload = pickle.dumps((kind, content))
        self.acquire()  # threads of the function may log and print meanwhile
        try:
            self._connection.send_bytes(payload)
        finally:
            self.release()

    def emit(self, record: logging.LogRecord) -> None:
        flush(sys.stdout)
        try:
            attributes = {**record.__dict__, "msg": record.getMessage(), "args": None, "exc_info": None}
            if record.exc_info and not record.exc_text:
                attributes["exc_text"] = logging.Formatter().formatException(record.exc_info)
            self.send("logged", attributes)
        except Exception:  # noqa: BLE001 - a record that cannot be formatted or pickled is reported on stderr
            self.handleError(record)


class _RemoteStdout(io.TextIOBase):
    """Writes to whatever ``sys.stdout`` is in the process of the caller."""

    def __init__(self, channel: _Channel) -> None:
        self._channel = channel

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._channel.send("printed", text)
        return len(text)

    def writable(self) -> bool:
        return True


def main(descriptor: int) -> None:
    """Call one function for the process at the other end of the connection, and answer."""
    os.set_inheritable(descriptor, False)
    connection = Connection(descriptor)
    name, call, values, levels, sys.argv, stdout_is_replaced = pickle.loads(connection.recv_bytes())
    threading.Thread(target=_end_with, args=(connection,), daemon=True).start()
    channel = _Channel(connection)
    _take_over_context(values)
    _take_over_logging(channel, levels)
    if stdout_is_replaced:
        sys.stdout = _RemoteStdout(channel)
    answer = _answer(name, call, channel)
    flush(sys.stdout)
    channel.send(*answer)


def _answer(name: str, call: bytes, channel: _Channel) -> tuple[str, Any]:
    try:
        fn, args, kwargs = pickle.loads(call)
    except Exception as exc:  # noqa: BLE001 - whatever importing the function's module raises
        error = RuntimeError(
            f"{name} cannot be loaded in the process that its timeout needs in a thread: {exc!r}. Import what it"
            " needs from modules that are installed or beside the flow file."
        )
        return _raised(error.with_traceback(exc.__traceback__))
    channel.send("started")
    try:
        value = fn(*args, **kwargs)
    except BaseException as exc:  # noqa: BLE001 - signals and SystemExit mean the same to the caller as without timeout
        return _raised(exc)
    try:
        return "returned", _dump(value)
    except Exception as exc:  # noqa: BLE001 - whatever the value raises when it is pickled
        return _raised(
            RuntimeError(
                f"{name} returned a value of type {type(value).__name__!r}, which cannot leave the process that its"
                f" timeout needs in a thread: {exc!r}. Return something that can be pickled, or run the flow without"
                " threads."
            )
        )


def _take_over_context(values: dict[str, bytes]) -> None:
    from prefect.configuration import config

    configured = values.pop("config", None)
    if configured is not None:
        config.update(pickle.loads(configured))
    # Each is made when it is asked for: a date, for instance, loads pendulum.
    push_layers(({}, {name: Lazy(partial(pickle.loads, value)) for name, value in values.items()}, {"config": config}))


def _take_over_logging(channel: _Channel, levels: dict[str, int]) -> None:
    """Let the other process handle what is logged here."""
    import prefect.utilities.logging  # noqa: F401 - gives the loggers handlers, which here have to go

    for logger in logging.root.manager.loggerDict.values():
        if isinstance(logger, logging.Logger):
            logger.handlers.clear()
    logging.root.addHandler(channel)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def _end_with(connection: Connection) -> None:
    """End this process, and what it has started, when the one at the other end of the connection is gone."""
    try:
        connection.recv_bytes()
    except (EOFError, OSError):
        os.killpg(os.getpgrp(), signal.SIGKILL)


def flush(stream: Any) -> None:
    """Write out what a stream holds back, if it still is one that can."""
    try:
        stream.flush()
    except (AttributeError, OSError, ValueError):
        # It may be None, closed, or anything the function has put there.
        pass
