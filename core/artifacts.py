"""The place of :mod:`prefect.backend.artifacts` before 1.0; each function warns and hands on.

Source: backend.md §17; core.md §1.2.
"""

from __future__ import annotations

import warnings

from prefect.backend import artifacts


def create_link(link: str) -> str | None:
    """Show a link with the running task; now :func:`prefect.backend.create_link_artifact`."""
    _warn("create_link", "create_link_artifact")
    return artifacts.create_link_artifact(link)


def update_link(task_run_artifact_id: str, link: str) -> None:
    """Replace the link of an artifact; now :func:`prefect.backend.update_link_artifact`."""
    _warn("update_link", "update_link_artifact")
    artifacts.update_link_artifact(task_run_artifact_id, link)


def create_markdown(markdown: str) -> str | None:
    """Show a text with the running task; now :func:`prefect.backend.create_markdown_artifact`."""
    _warn("create_markdown", "create_markdown_artifact")
    return artifacts.create_markdown_artifact(markdown)


def update_markdown(task_run_artifact_id: str, markdown: str) -> None:
    """Replace the text of an artifact; now :func:`prefect.backend.update_markdown_artifact`."""
    _warn("update_markdown", "update_markdown_artifact")
    artifacts.update_markdown_artifact(task_run_artifact_id, markdown)


def delete_artifact(task_run_artifact_id: str) -> None:
    """Delete an artifact; now :func:`prefect.backend.delete_artifact`."""
    _warn("delete_artifact", "delete_artifact")
    artifacts.delete_artifact(task_run_artifact_id)


def _warn(old: str, new: str) -> None:
    warnings.warn(
        f"`prefect.artifacts.{old}` has moved to `prefect.backend.{new}`. Import it from there.",
        UserWarning,
        stacklevel=3,  # the caller of the old function
    )
