"""``SecretResult``: the value of a secret, fetched anew instead of stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from prefect.engine.result.base import Result

if TYPE_CHECKING:
    from prefect.task import Task


class SecretResult(Result):
    """The result of a secret task; its location is the name of the task.

    Args:
        secret_task: The task that fetches the secret.
        kwargs: ``value`` and ``location`` of :class:`~prefect.engine.result.Result`.

    Raises:
        ValueError: A ``serializer`` is given; a secret is never serialized.

    Source:
        core.md §9.2.
    """

    def __init__(self, secret_task: Task, **kwargs: Any) -> None:
        if "serializer" in kwargs:
            raise ValueError("A SecretResult is never stored and takes no serializer. Leave the argument out.")
        kwargs.setdefault("location", secret_task.name)
        self.secret_task = secret_task
        super().__init__(**kwargs)

    def read(self, location: str) -> SecretResult:
        """Fetch the secret again.

        Args:
            location: The name of the task, or the name of another secret that the task can fetch.

        Returns:
            A new result with the secret's value and that location.
        """
        new = self.copy()
        # Called without arguments when it can be, since a secret task of the user's may take none.
        run: Any = self.secret_task.run
        new.value = run() if location == self.secret_task.name else run(name=location)
        new.location = location
        return new

    def write(self, value_: Any, **kwargs: Any) -> NoReturn:
        """Refuse.

        Raises:
            ValueError: Always.
        """
        raise ValueError("A SecretResult cannot be written to. Set the secret where it is kept instead.")

    def __repr__(self) -> str:
        # The value is a secret, and a repr ends up in logs.
        return f"<SecretResult: {self.location}>"
