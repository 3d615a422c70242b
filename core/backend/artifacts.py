"""What running tasks leave to be shown with them: links and texts in Markdown.

Outside a run that a backend keeps these functions do nothing and return None.

Source: backend.md §17.
"""

from __future__ import annotations

from typing import Any

from prefect.context import context

__all__ = [
    "create_link_artifact",
    "create_markdown_artifact",
    "delete_artifact",
    "update_link_artifact",
    "update_markdown_artifact",
]


def create_link_artifact(link: str) -> str | None:
    """Show a link with the running task, and return the id of the artifact."""
    return _create("link", {"link": link})


def create_markdown_artifact(markdown: str) -> str | None:
    """Show a text in Markdown with the running task, and return the id of the artifact."""
    return _create("markdown", {"markdown": markdown})


def update_link_artifact(task_run_artifact_id: str, link: str) -> None:
    """Replace the link of an artifact.

    Raises:
        ValueError: No id is given.
    """
    _update(task_run_artifact_id, {"link": link})


def update_markdown_artifact(task_run_artifact_id: str, markdown: str) -> None:
    """Replace the text of an artifact.

    Raises:
        ValueError: No id is given.
    """
    _update(task_run_artifact_id, {"markdown": markdown})


def delete_artifact(task_run_artifact_id: str) -> None:
    """Delete an artifact.

    Raises:
        ValueError: No id is given.
    """
    if _has_backend():
        from prefect.client import Client

        Client().delete_task_run_artifact(task_run_artifact_id)


def _create(kind: str, data: dict[str, Any]) -> str | None:
    if not _has_backend():
        return None
    from prefect.client import Client

    return Client().create_task_run_artifact(context.task_run_id, kind, data)


def _update(id: str, data: dict[str, Any]) -> None:
    if _has_backend():
        from prefect.client import Client

        Client().update_task_run_artifact(id, data)


def _has_backend() -> bool:
    return bool(context.get("running_with_backend"))
