"""The base of all secret tasks, and the one for secrets kept by ``prefect``.

Both live here because a flow's JSON form names ``prefect.tasks.secrets.base.PrefectSecret``.
"""

# No `from __future__ import annotations` here: the annotations of `run` are part of a flow's JSON form (core.md §20.2).

from typing import Any, ClassVar

from prefect.engine.results.secret_result import SecretResult
from prefect.task import Task


class SecretBase(Task):
    """A task whose value is a secret: fetched anew whenever it is needed, never stored.

    Args:
        kwargs: Arguments of :class:`~prefect.Task`; ``checkpoint`` is always ``False``.

    Raises:
        ValueError: A ``result`` is given.

    Source:
        core.md §4.3.
    """

    reruns_on_restart: ClassVar[bool] = True

    def __init__(self, **kwargs: Any) -> None:
        if kwargs.get("result"):
            raise ValueError(f"A {type(self).__name__} takes no `result`: secrets are never stored. Leave it out.")
        kwargs["checkpoint"] = False
        super().__init__(**kwargs)
        self.result = SecretResult(self)


class PrefectSecret(SecretBase):
    """The value of ``prefect.client.Secret(name)``.

    Args:
        name: Name of the secret and of the task; may be given to ``run`` instead.
        kwargs: Arguments of :class:`~prefect.Task`.

    Source:
        core.md §4.3.
    """

    def __init__(self, name: str | None = None, **kwargs: Any) -> None:
        self.secret_name = name
        super().__init__(name=name, **kwargs)

    def run(self, name: str = None) -> Any:  # type: ignore[assignment]  # noqa: RUF013 - as 1.x serializes it
        """Return the secret's value.

        Args:
            name: Name of the secret, instead of the task's own.

        Raises:
            ValueError: There is no name, or no such secret.
        """
        from prefect.client.secrets import Secret

        return Secret(_required_name(self, name or self.secret_name)).get()


def _required_name(task: Task, name: str | None) -> str:
    if name is None:
        kind = type(task).__name__
        raise ValueError(f"{kind} does not know which secret to fetch. Give a name to {kind}(…) or to its run(…).")
    return name
