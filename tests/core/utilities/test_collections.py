"""Dictionaries with attributes, and nested collections. Source: core.md §19."""

from __future__ import annotations

import copy
import pickle
from collections.abc import MutableMapping

import pytest

from prefect.utilities.collections import (
    CompoundKey,
    DotDict,
    as_nested_dict,
    dict_to_flatdict,
    flatdict_to_dict,
    flatten_seq,
    merge_dicts,
)

# DotDict


def test_keys_are_attributes_and_attributes_are_keys():
    d = DotDict({"a": 1}, b=2)
    d.c = 3
    d["d"] = 4

    assert (d.a, d["b"], d["c"], d.d) == (1, 2, 3, 4)
    assert dict(d) == {"a": 1, "b": 2, "c": 3, "d": 4}


def test_it_is_made_of_a_mapping_or_pairs_or_nothing():
    assert dict(DotDict([("a", 1)])) == {"a": 1}
    assert dict(DotDict(DotDict(a=1))) == {"a": 1}
    assert dict(DotDict(None)) == dict(DotDict()) == {}


def test_what_is_missing_raises_the_usual_error():
    d = DotDict()

    with pytest.raises(AttributeError, match="'DotDict' object has no attribute 'nope'"):
        _ = d.nope
    with pytest.raises(KeyError, match="nope"):
        d["nope"]
    with pytest.raises(KeyError, match="nope"):
        del d["nope"]
    with pytest.raises(AttributeError, match="nope"):
        del d.nope
    assert (d.get("nope"), d.get("nope", 1)) == (None, 1)


def test_it_is_a_mutable_mapping_but_not_a_dict():
    d = DotDict(a=1, b=2)

    assert isinstance(d, MutableMapping)
    assert not isinstance(d, dict)
    assert (len(d), list(d), "a" in d, "c" in d) == (2, ["a", "b"], True, False)
    assert d == {"a": 1, "b": 2}
    assert d.pop("a") == 1
    assert d.setdefault("c", 3) == 3
    del d.b
    assert d == DotDict(c=3)


def test_nested_dictionaries_stay_plain():
    assert type(DotDict(a={"b": 1}).a) is dict


def test_its_text_names_the_keys_in_order():
    assert repr(DotDict(b=1, a=2)) == "<DotDict: 'a', 'b'>"
    assert repr(DotDict()) == "<DotDict>"


def test_copies_share_values_but_not_keys():
    d = DotDict(a=[1])
    other = d.copy()
    other.b = 2

    assert type(other) is DotDict
    assert other.a is d.a
    assert "b" not in d


def test_it_survives_pickling_and_deep_copying():
    d = DotDict(a=DotDict(b=[1]))

    assert pickle.loads(pickle.dumps(d)) == copy.deepcopy(d) == d


def test_to_dict_gives_plain_dictionaries_all_the_way_down():
    plain = DotDict(a=DotDict(b=1), c=[DotDict(d=2)]).to_dict()

    assert plain == {"a": {"b": 1}, "c": [{"d": 2}]}
    assert type(plain["a"]) is type(plain["c"][0]) is dict


# Nested dictionaries


def test_merging_goes_into_nested_mappings():
    base = {"a": {"b": 1, "c": 2}, "d": 1}

    assert merge_dicts(base, {"a": {"b": 5}, "d": {"x": 1}}) == {"a": {"b": 5, "c": 2}, "d": {"x": 1}}
    assert base == {"a": {"b": 1, "c": 2}, "d": 1}


def test_a_merged_mapping_has_the_type_of_the_first():
    assert type(merge_dicts(DotDict(a=1), {"b": 2})) is DotDict


def test_as_nested_dict_converts_mappings_in_collections_too():
    nested = as_nested_dict({"a": [{"b": {"c": 1}}], "t": ({"a": 1},), "s": {1}})

    assert nested.a[0].b.c == 1
    assert nested.t[0].a == 1
    assert nested.s == {1}


def test_as_nested_dict_leaves_other_values_alone():
    assert as_nested_dict(3) == 3
    assert as_nested_dict("text") == "text"


def test_a_nested_dictionary_becomes_flat_and_nested_again():
    nested = {"a": {"b": 1, "c": {"d": 2}}, "e": [1]}
    flat = dict_to_flatdict(nested)

    assert flat == {("a", "b"): 1, ("a", "c", "d"): 2, ("e",): [1]}
    assert all(isinstance(key, CompoundKey) for key in flat)
    assert flatdict_to_dict(flat) == nested


def test_a_flat_dictionary_can_begin_below_a_parent():
    assert dict_to_flatdict({"a": 1}, parent=CompoundKey(["z"])) == {("z", "a"): 1}


def test_empty_mappings_vanish_from_a_flat_dictionary():
    assert dict_to_flatdict({"a": {"b": {}}, "c": 1}) == {("c",): 1}


def test_plain_tuples_are_keys_like_others():
    assert flatdict_to_dict({("a", "b"): 1, CompoundKey(["c", "d"]): 2}) == {("a", "b"): 1, "c": {"d": 2}}


def test_the_nested_mapping_can_be_of_another_class():
    assert flatdict_to_dict({CompoundKey(["a", "b"]): 1}, dct_class=DotDict).a.b == 1


# Sequences


def test_sequences_are_flattened_in_place():
    assert list(flatten_seq([1, [2, (3, range(4, 6))], "ab", [["c", b"de"]]])) == [1, 2, 3, 4, 5, "ab", "c", b"de"]


def test_flattening_waits_until_it_is_asked():
    def numbers():
        yield 1
        raise AssertionError("asked for more than the first")

    assert next(flatten_seq(numbers())) == 1
