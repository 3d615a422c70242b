"""SendGrid: mail."""

from __future__ import annotations

from prefect.tasks.sendgrid.sendgrid import SendEmail as SendEmail

__all__ = ["SendEmail"]
