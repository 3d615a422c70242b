"""Calling a function with a time limit, and calling it again without growing the stack.

Where Python lets a signal interrupt the function it does; elsewhere the function gets a process of its own, which
can be ended.

Source: core.md §8.4 "Timeout mechanism by place", §19.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from functools import wraps
from typing import TYPE_CHECKING, Any

from prefect.context import context
from prefect.exceptions import TaskTimeoutSignal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from logging import Logger
    from types import FrameType
    from typing import NoReturn, ParamSpec, TypeVar

    from prefect.task import Task

    P = ParamSpec("P")
    R = TypeVar("R")

#: Seconds after which a waiting thread looks up: an exception that another thread raises in it reaches it only then.
LOOK_UP_SECONDS = 0.2


def run_task_with_timeout(
    task: Task, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None, logger: Logger | None = None
) -> Any:
    """Return ``task.run(*args, **kwargs)``, ended when it takes longer than ``task.timeout`` seconds.

    A main thread is interrupted by an alarm. In another thread the function runs in a process of its own, and its
    value has to be picklable. Where neither is possible, on Windows and in threads of a daemonic process, the
    caller goes on in time but the function does not stop.

    Args:
        task: The task; a timeout of 0 or None sets no limit.
        args: Positional arguments.
        kwargs: Keyword arguments.
        logger: Takes the debug lines; by default ``prefect``.

    Raises:
        TaskTimeoutSignal: The time is over.
        RuntimeError: The function's process ended without an answer, or the function or its value cannot be pickled.

    Source: core.md §8.4.
    """
    limit = task.timeout
    if not limit:
        return task.run(*args, **(kwargs or {}))
    name = f"Task '{context.get('task_full_name', task.name)}'"
    logger = logger or _default_logger()
    if not hasattr(signal, "SIGALRM"):
        return _run_with_soft_timeout(task.run, args, kwargs, limit, name)
    if threading.current_thread() is threading.main_thread():
        logger.debug("%s: Attaching thread based timeout handler...", name)
        return run_with_thread_timeout(task.run, args, kwargs, limit, logger, name)
    if _is_daemonic():
        return _run_with_soft_timeout(task.run, args, kwargs, limit, name)
    logger.debug("%s: Attaching process based timeout handler...", name)
    return run_with_multiprocess_timeout(task.run, args, kwargs, limit, logger, name)


def run_with_thread_timeout(
    fn: Callable[..., R],
    args: Sequence[Any] = (),
    kwargs: Mapping[str, Any] | None = None,
    timeout: float | None = None,
    logger: Logger | None = None,
    name: str | None = None,
) -> R:
    """Return ``fn(*args, **kwargs)``, interrupted by ``SIGALRM`` when it takes too long.

    An alarm that somebody else has set meanwhile waits: it goes off when ``fn`` is done, if its time has come by then.

    Args:
        fn: The function. If it catches ``BaseException`` it can swallow the interruption.
        args: Positional arguments.
        kwargs: Keyword arguments.
        timeout: Seconds; 0 or None sets no limit.
        logger: Takes the debug lines; by default ``prefect``.
        name: What log lines call the function.

    Raises:
        TaskTimeoutSignal: The time is over.
        ValueError: This is not the main thread.
    """
    kwargs = kwargs or {}
    if not timeout:
        return fn(*args, **kwargs)
    logger, name = logger or _default_logger(), name or _name_of(fn)

    def interrupt(signum: int, frame: FrameType | None) -> NoReturn:
        raise timed_out()

    started = time.monotonic()
    previous_handler = signal.signal(signal.SIGALRM, interrupt)
    previous_seconds, interval = signal.setitimer(signal.ITIMER_REAL, 0)
    try:
        logger.debug("%s: Sending alarm with %ss timeout...", name, timeout)
        signal.setitimer(signal.ITIMER_REAL, timeout)
        try:
            logger.debug("%s: Executing function in main thread...", name)
            return fn(*args, **kwargs)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    finally:
        # None means that the handler was not set from Python, and cannot be set from there either.
        signal.signal(signal.SIGALRM, signal.SIG_DFL if previous_handler is None else previous_handler)
        if previous_seconds:
            remaining = previous_seconds - (time.monotonic() - started)
            # 0 would switch the alarm off.
            signal.setitimer(signal.ITIMER_REAL, max(remaining, 1e-6), interval)


def run_with_multiprocess_timeout(
    fn: Callable[..., R],
    args: Sequence[Any] = (),
    kwargs: Mapping[str, Any] | None = None,
    timeout: float | None = None,
    logger: Logger | None = None,
    name: str | None = None,
) -> R:
    """Return ``fn(*args, **kwargs)``, called in a process of its own that is ended when it takes too long.

    The process is a new interpreter which, unlike those of ``multiprocessing``, does not run the user's script again.
    It sees the values of ``prefect.context`` that can be pickled; what it logs is handled by the loggers of this
    process, and what it raises is raised here. It ends with this process at the latest. Any number of threads may
    call at once.

    Args:
        fn: The function; one from a script, a lambda or a closure will do.
        args: Positional arguments.
        kwargs: Keyword arguments.
        timeout: Seconds, counted from when ``fn`` is called; 0 or None sets no limit, and no process is started.
        logger: Takes the debug lines; by default ``prefect``.
        name: What messages call the function.

    Raises:
        TaskTimeoutSignal: The time is over.
        RuntimeError: The process ended without an answer, or the function or its value cannot be pickled.
    """
    if not timeout:
        return fn(*args, **(kwargs or {}))
    from prefect.utilities._timeout_process import TimeoutProcess
    from prefect.utilities._timeout_worker import outcome, request_for

    logger, name = logger or _default_logger(), name or _name_of(fn)
    request = request_for(fn, tuple(args), dict(kwargs or {}), name)
    logger.debug("%s: Sending execution to a new process...", name)
    with TimeoutProcess(name) as process:
        process.send(request)
        logger.debug("%s: Waiting for process to return with %ss timeout...", name, timeout)
        try:
            kind, content = process.answer(timeout)
        except TaskTimeoutSignal:
            logger.debug("%s: No result returned within the timeout period!", name)
            raise
    value, error = outcome(kind, content, name)
    if error is not None:
        raise error
    return value  # type: ignore[no-any-return]


def _run_with_soft_timeout(
    fn: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any] | None, timeout: float, name: str
) -> Any:
    """Call ``fn`` in a helper thread, in this thread's context, and stop waiting when the time is over."""
    import warnings
    from contextvars import copy_context

    warnings.warn(
        f"{name} runs where it cannot be interrupted: in a thread of a daemonic process, or on Windows. Its state"
        f" becomes TimedOut after {timeout} s, but the function goes on in the background.",
        UserWarning,
        stacklevel=3,
    )
    outcome: list[tuple[Any, BaseException | None]] = []

    def call() -> None:
        try:
            outcome.append((fn(*args, **(kwargs or {})), None))
        except BaseException as exc:  # noqa: BLE001 - raised again in the thread that waits
            outcome.append((None, exc))

    # Daemonic, so that a function that never returns does not keep the process from ending.
    helper = threading.Thread(target=copy_context().run, args=(call,), name=name, daemon=True)
    helper.start()
    deadline = time.monotonic() + timeout
    while helper.is_alive() and (seconds := deadline - time.monotonic()) > 0:
        helper.join(min(seconds, LOOK_UP_SECONDS))
    if not outcome:
        raise timed_out()
    value, error = outcome[0]
    if error is not None:
        raise error
    return value


def _is_daemonic() -> bool:
    # A process that multiprocessing has not started has no need to load it.
    module = sys.modules.get("multiprocessing.process")
    return module is not None and bool(module.current_process().daemon)


def timed_out() -> TaskTimeoutSignal:
    """Return what is raised when the time is over, wherever the function runs."""
    return TaskTimeoutSignal("Execution timed out.")


def _name_of(fn: Callable[..., Any]) -> str:
    return f"Function '{getattr(fn, '__name__', fn)}'"


def _default_logger() -> Logger:
    from prefect.utilities.logging import get_logger

    return get_logger()


class RecursiveCall(Exception):
    """Raised in a function decorated with :func:`tail_recursive`, calls it again with other arguments.

    Args:
        func: The decorated function.
        *args: Its positional arguments; those of a method begin with ``self``.
        **kwargs: Its keyword arguments.
    """

    def __init__(self, func: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args)
        self.func = func
        self.kwargs = kwargs


def tail_recursive(func: Callable[P, R]) -> Callable[P, R]:
    """Decorate a function so that raising :class:`RecursiveCall` in it calls it again, with the stack no deeper.

    A ``RecursiveCall`` of another function passes through, to be caught where that one was called.
    """

    @wraps(func)
    def call(*args: Any, **kwargs: Any) -> R:
        while True:
            try:
                return func(*args, **kwargs)
            except RecursiveCall as again:
                if getattr(again.func, "__wrapped__", again.func) is not func:
                    raise
                args, kwargs = again.args, again.kwargs

    return call
