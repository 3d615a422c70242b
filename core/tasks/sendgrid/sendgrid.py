"""A task for SendGrid.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class SendEmail(
    OutsideTask,
    init=(
        "from_email='notifications@prefect.io', to_emails=None, subject=None, html_content=None, "
        "category=None, attachment_file_path=None, sendgrid_api_key=None"
    ),
):
    """Sends a mail."""
