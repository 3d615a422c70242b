"""Text in which names are filled in (core.md §9.5)."""

from __future__ import annotations

import pytest

from prefect.engine.templates import filled_in

NAMES = {"flow_name": "f", "n": 7, "parameters": {"x": 1}}


def test_names_are_filled_in_as_str_format_does_it() -> None:
    assert filled_in("{flow_name}/{parameters[x]}-{n:03}{{}}", NAMES, "target") == "f/1-007{}"


def test_a_name_that_is_not_there_is_named_with_the_nearest_one_that_is() -> None:
    with pytest.raises(KeyError) as caught:
        filled_in("{flow_nme}.json", NAMES, "target")

    assert caught.value.args == (
        "The target '{flow_nme}.json' asks for 'flow_nme', which is not there. Did you mean 'flow_name'?",
    )


@pytest.mark.parametrize(
    ("template", "kind", "reason"),
    [
        ("{n", ValueError, "expected '}' before end of string"),
        ("{}", IndexError, "Replacement index 0 out of range for positional args tuple"),
        ("{n.x}", AttributeError, "'int' object has no attribute 'x'"),
        ("{n[0]}", TypeError, "'int' object is not subscriptable"),
        ("{n:zz}", ValueError, ""),
    ],
)
def test_what_cannot_be_filled_in_is_named_with_the_reason(template: str, kind: type[Exception], reason: str) -> None:
    with pytest.raises(kind) as caught:
        filled_in(template, NAMES, "location")

    assert str(caught.value).startswith(f"The location '{template}' cannot be filled in: {reason}")
    assert str(caught.value).endswith(". Write it as for str.format.")
