"""``docs/cli-reference.md`` agrees with the commands."""

from __future__ import annotations

from pathlib import Path

from prefect.cli import errors
from prefect.cli.reference import reference
from prefect.cli.root import COMMANDS

COMMITTED = Path(__file__).parent.parent.parent / "docs" / "cli-reference.md"


def test_the_reference_is_fresh():
    assert COMMITTED.read_text(encoding="utf-8") == reference(), (
        "Regenerate it: python -m prefect.cli.reference > docs/cli-reference.md"
    )


def test_every_command_and_exit_code_is_in_the_reference():
    text = reference()

    assert [word for section in COMMANDS.values() for word in section if f"## `prefect {word}`" not in text] == []
    codes = {value for name, value in vars(errors).items() if name.isupper() and type(value) is int}
    assert set(errors.EXIT_CODES) == codes
