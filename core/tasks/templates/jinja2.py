"""``JinjaTemplate``: templates of Jinja.

Source: core.md §21.3.
"""

# Without the __future__ import: the texts of the annotations of `run` are part of the 1.x JSON form (core.md §20.2).
from typing import Any

from prefect.context import context
from prefect.task import Task
from prefect.utilities._extras import import_extra


class JinjaTemplate(Task):
    """Fills in a template such as ``"{% for row in rows %}{{ row }}{% endfor %}"``.

    Args:
        template: The template; may be given to ``run`` instead.
        **kwargs: Arguments of ``Task``.
    """

    def __init__(self, template: str | None = None, **kwargs: Any) -> None:
        self.template = template
        super().__init__(**kwargs)

    def run(self, template: str = None, **format_kwargs: Any) -> str:  # type: ignore[assignment]  # noqa: RUF013 - as 1.x serializes it
        """Return the text. A name without a value is empty text, and nothing is escaped.

        Args:
            template: In place of that of the task.
            **format_kwargs: Values; those of ``prefect.context`` can be used too, unless given here.

        Raises:
            ImportError: The ``templates`` extra is not installed.
            TemplateError: The template is wrong, or what it does with a value.
        """
        jinja2 = import_extra("jinja2", package="jinja2", extra="templates", purpose="JinjaTemplate")
        values = {**context.copy(), **format_kwargs}
        return jinja2.Template(template or self.template or "").render(values)  # type: ignore[no-any-return]
