"""Templates of jobs and tasks, written as YAML in files or in text."""

from __future__ import annotations

from typing import Any

from prefect.utilities.filesystems import parse_path

#: Schemes of a path on the present machine; all others are read when the flow runs.
_HERE = ("file", "local")


def is_here(path: str) -> bool:
    """Return whether a path is one of the present machine, written without a scheme, ``file://`` or ``local://``."""
    return parse_path(path).scheme in _HERE


def read_template(path: str) -> dict[str, Any]:
    """Return the template in a YAML file of the present machine.

    Raises:
        OSError: The file cannot be read.
        ImportError: PyYAML is not installed.
        ValueError: The file holds no YAML mapping.
    """
    with open(parse_path(path).path, encoding="utf-8") as file:
        return parse_template(file.read(), f"{path!r}")


def parse_template(text: str, what: str) -> dict[str, Any]:
    """Return the template that YAML text spells.

    Args:
        text: The text.
        what: Names the text in the error.

    Raises:
        ImportError: PyYAML is not installed.
        ValueError: The text is no YAML mapping.
    """
    try:
        import yaml
    except ImportError as error:
        raise ImportError(f'{what} cannot be read without PyYAML. Run: pip install "praefectus[yaml]"') from error
    try:
        template = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(f"{what} is not YAML: {_problem(error)}.") from error
    if not isinstance(template, dict):
        raise ValueError(f"{what} holds {type(template).__name__}, not a mapping. Write it as `key: value` lines.")
    return template


def _problem(error: Any) -> str:
    """Return what is wrong and where, in one line."""
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return " ".join(str(error).split())
    return f"{error.problem}, line {mark.line + 1}, column {mark.column + 1}"
