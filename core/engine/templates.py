"""Text in which names are filled in: targets, locations and names of task runs.

Source: core.md §9.5.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


_OTHER_ERRORS = (AttributeError, IndexError, TypeError, ValueError)


def filled_in(template: str, names: Mapping[str, Any], what: str) -> str:
    """Return a template with its names filled in, as ``str.format`` does it.

    Args:
        template: The template.
        names: Name → value.
        what: Says in the error what the template is, as in "target".

    Raises:
        KeyError: The template asks for a name that is not there.
        AttributeError, IndexError, TypeError, ValueError: It cannot be filled in otherwise.
    """
    try:
        return template.format(**names)
    except KeyError as error:
        raise KeyError(
            f"The {what} {template!r} asks for {error}, which is not there. {_advice(error, names)}"
        ) from None
    except _OTHER_ERRORS as error:
        kind = next(kind for kind in _OTHER_ERRORS if isinstance(error, kind))
        raise kind(f"The {what} {template!r} cannot be filled in: {error}. Write it as for str.format.") from None


def _advice(error: KeyError, names: Mapping[str, Any]) -> str:
    from prefect.utilities._suggestions import did_you_mean

    near = did_you_mean(str(error.args[0]), names)
    return near or "Use a parameter of the flow, an input of the task or a name of prefect.context."
