"""YAML without a library for it, read back by one."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from prefect.cli.yaml_text import to_yaml

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(JSON)
def test_a_yaml_reader_reads_the_value_back(value):
    assert yaml.safe_load(to_yaml(value)) == value


@pytest.mark.parametrize(
    "text",
    ["", " ", "null", "Yes", "n", "~", "1e3", "0x1f", "12:30:00", "2024-05-17", "a: b", "a #b", "- x", "x ", "\n", '"\\', "<<"]
)  # fmt: skip
def test_what_only_looks_like_something_else_is_read_as_text(text):
    assert yaml.safe_load(to_yaml({text: text})) == {text: text}


def test_it_is_laid_out_in_blocks_with_keys_in_order():
    value = {"b": [{"name": "x", "tags": []}, [1, 2.5]], "a": {"inner": None, "on": True}, "empty": {}}

    assert to_yaml(value) == ('a:\n  inner: null\n  "on": true\nb:\n- name: x\n  tags: []\n- - 1\n  - 2.5\nempty: {}')
