"""``Secret``: a value that a flow needs and its file must not contain."""

from __future__ import annotations

from typing import Any

from prefect.context import context


class Secret:
    """A secret by name, looked up while a flow runs.

    Args:
        name: The secret's name; upper and lower case are different names.

    Source:
        core.md §4.4.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def exists(self) -> bool:
        """Whether the secret can be found."""
        return self.name in _local_secrets()

    def get(self) -> Any:
        """Return the secret's value; one that is JSON text is decoded.

        Raises:
            ValueError: The secret is not found, or a flow is just being built.
        """
        if _is_building_a_flow():
            raise ValueError(
                f'Secret "{self.name}" was asked for while a flow is being built; it would end up in the flow itself.'
                " Use PrefectSecret as an input of a task, or call Secret.get() inside a task."
            )
        secrets = _local_secrets()
        if self.name not in secrets:
            raise ValueError(
                f'Local Secret "{self.name}" was not found.'
                f" Set the environment variable PREFECT__CONTEXT__SECRETS__{self.name},"
                " or the secret's name under [context.secrets] in the configuration file."
            )
        return _decoded(secrets[self.name])


def _local_secrets() -> Any:
    return context.get("secrets") or {}


def _is_building_a_flow() -> bool:
    flow = context.get("flow")
    if flow is None:
        return False
    from prefect.flow import Flow

    return isinstance(flow, Flow)


def _decoded(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    import json

    try:
        return json.loads(value)
    except ValueError:
        return value
