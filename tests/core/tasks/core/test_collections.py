"""Tasks that collect the results of others. Source: core.md §4.5 and §4.6."""

from __future__ import annotations

import pytest

from prefect import Flow, task
from prefect.tasks.core.collections import Dict, List, Set, Tuple


@task
def one():
    return 1


def value_of(flow, wanted):
    return flow.run().result[wanted].result


@pytest.mark.parametrize(
    ("collector", "value"), [(List, [1, "b", 1]), (Tuple, (1, "b", 1)), (Set, {1, "b"})], ids=["List", "Tuple", "Set"]
)
def test_positional_inputs_are_collected_in_order(collector, value):
    with Flow("f") as flow:
        collected = collector()(one(), "b", one())
    assert value_of(flow, collected) == value


def test_inputs_are_named_arg_1_to_arg_n():
    with Flow("f") as flow:
        first = one()
        collected = List()(first, 2)
    assert {edge.key: edge.upstream_task for edge in flow.edges_to(collected)} == {"arg_1": first}
    assert flow.constants[collected] == {"arg_2": 2}


def test_the_tenth_input_comes_after_the_second():
    with Flow("f") as flow:
        collected = List()(one(), *range(2, 13))
    assert value_of(flow, collected) == list(range(1, 13))


def test_a_dictionary_is_made_of_keys_and_values():
    with Flow("f") as flow:
        collected = Dict()(keys=["a", "b"], values=[one(), 2])
    assert value_of(flow, collected) == {"a": 1, "b": 2}


def test_a_dictionary_needs_as_many_values_as_keys():
    with pytest.raises(ValueError, match="1 keys and 2 values"):
        Dict().run(keys=["a"], values=[1, 2])


def test_without_inputs_the_collection_is_empty():
    assert (List().run(), Tuple().run(), Set().run()) == ([], (), set())


def test_inputs_by_name_are_refused():
    with pytest.raises(TypeError), Flow("f"):
        List().bind(x=1)


def test_the_types_are_those_of_the_json_form():
    """Their texts are kept with a registered flow (core.md §20.2)."""
    assert [str(collector().outputs()) for collector in (List, Tuple, Set, Dict)] == [
        "<class 'list'>",
        "<class 'tuple'>",
        "<class 'set'>",
        "<class 'dict'>",
    ]
    assert str(Dict().inputs()["keys"]["type"]) == "typing.Iterable[typing.Any]"
