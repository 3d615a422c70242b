"""Exceptions and signals that flow files can catch.

Source: core.md §7.2 and §7.4.
"""

from __future__ import annotations


class PrefectSignal(BaseException):
    """Control flow that ``except Exception`` in user code does not swallow."""

    def __init__(self, message: object = "") -> None:
        super().__init__(message)


class VersionLockMismatchSignal(PrefectSignal):
    """Another process has changed the state of this run in the meantime."""


class TaskTimeoutSignal(PrefectSignal):
    """A task ran longer than its ``timeout``; the result of a ``TimedOut`` state."""


class PrefectException(Exception):
    """Root of the errors of this package that are mistakes rather than signals."""

    def __init__(self, message: object = "") -> None:
        super().__init__(message)


class ClientError(PrefectException):
    """The backend refused a request or could not be asked.

    Args:
        message: What failed.
        hint: What to do about it, where the message does not say so.
    """

    def __init__(self, message: object = "", *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class ObjectNotFoundError(ClientError):
    """The backend holds no object of that id or name."""


class AmbiguousNameError(ObjectNotFoundError):
    """More than one object answers to the name."""


class AuthorizationError(ClientError):
    """The backend did not accept the credentials."""


class FlowStorageError(PrefectException):
    """A flow could not be read from where its code is stored."""
