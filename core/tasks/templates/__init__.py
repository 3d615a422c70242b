"""Tasks that fill in templates.

Source: core.md §21.3.
"""

from __future__ import annotations

from prefect.tasks.templates.jinja2 import JinjaTemplate as JinjaTemplate
from prefect.tasks.templates.strings import StringFormatter as StringFormatter

__all__ = ["JinjaTemplate", "StringFormatter"]
