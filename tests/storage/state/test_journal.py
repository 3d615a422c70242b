"""How values become lines."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefect.storage.state.journal import encoded, keyed_end

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
def test_a_line_is_compact_json_with_its_newline(value):
    expected = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)

    assert encoded(value) == expected.encode("utf-8", "surrogatepass") + b"\n"


def test_text_is_kept_as_it_is_even_where_it_is_no_text():
    assert encoded("é🦦") == '"é🦦"\n'.encode()
    assert json.loads(encoded("\ud800")) == "\ud800"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), {"a": [float("nan")]}])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(ValueError):
        encoded(value)


def test_what_json_does_not_know_is_refused():
    with pytest.raises(TypeError, match="not JSON serializable"):
        encoded({"a": object()})


def test_what_holds_itself_is_refused():
    value: list[Any] = []
    value.append(value)

    with pytest.raises(ValueError, match="The value holds itself"):
        encoded(value)


@pytest.mark.parametrize(
    ("data", "end"),
    [(b"", 0), (b"a", 0), (b"a\n", 2), (b"a\nb", 2), (b"a\nb\n", 4), (b"\0\n", 0), (b"a\n\0\nb\n", 2), (b"a\nb\0", 2)],
)
def test_a_keyed_journal_ends_at_its_first_torn_line(data, end):
    assert keyed_end(data) == end
