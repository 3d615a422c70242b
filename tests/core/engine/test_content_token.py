"""Content tokens: equal inputs are recognized in another process (core.md §9.1)."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import decimal
import enum
import functools
import os
import pathlib
import re
import subprocess
import sys
import threading
import uuid
from typing import Any, NamedTuple

import numpy
import pandas
import pendulum
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefect.engine.content_token import content_token

# Executed in fresh interpreters with different hash seeds; in `values`, equal parts are sometimes one object and sometimes not.
SCRIPT = """
import collections, dataclasses, datetime, decimal, enum, functools, pathlib, uuid, zoneinfo
import pendulum
from prefect.engine.content_token import content_token

@dataclasses.dataclass
class Point:
    x: int
    tags: set

class Plain:
    def __init__(self, **values):
        self.__dict__.update(values)

class Colour(enum.Enum):
    RED = 1

class Pair(collections.namedtuple("Pair", "a b")):
    pass

factor = 3
def scale(x, by={"p": 1}):
    return x * factor in {"a", "b", "c"}

def make():
    hidden = ["h"]
    return lambda: hidden

values = [
    None, True, 1, 2**70, -1.5, float("nan"), 1j, "é", "\\ud800", b"x", bytearray(b"x"), ...,
    [1, [2, "x"]], (1,), {"b": 1, "a": {"c", "d", "e"}}, {"z", "y", "x"}, frozenset("pqr"), range(3),
    collections.OrderedDict(a=1), collections.deque([1]), collections.Counter("abca"), Pair(1, 2),
    datetime.date(2020, 1, 1), datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc),
    datetime.datetime(2020, 1, 1, tzinfo=zoneinfo.ZoneInfo("UTC")), datetime.timedelta(1), datetime.time(1),
    pendulum.datetime(2020, 1, 1), pendulum.duration(days=1), pendulum.date(2020, 1, 1),
    pathlib.PurePosixPath("/a/b"), decimal.Decimal("1.10"), uuid.UUID(int=5), Colour.RED, Point(1, {"a", "b"}),
    Plain(tags={"a", "b", "c"}, other=Plain()), scale, make(), len, dict, functools.partial(scale, 2), pathlib,
    "x".upper, ValueError("no"), ["a" * 2, "aa"],
]
print([content_token(value) for value in values])
"""


@dataclasses.dataclass
class Point:
    x: int
    y: int = 0


@dataclasses.dataclass
class OtherPoint:
    x: int
    y: int = 0


class Pair(NamedTuple):
    a: int
    b: int


class Colour(enum.IntEnum):
    RED = 1


class Box:
    def __init__(self, content: Any) -> None:
        self.content = content


def double(x: int) -> int:
    return x * 2


def test_a_token_is_32_hexadecimal_digits():
    assert re.fullmatch(r"[0-9a-f]{32}", content_token([1, {"a": None}]))


def test_tokens_are_the_same_in_every_process():
    outputs = []
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        process = subprocess.run(
            [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=True
        )
        outputs.append(process.stdout)
    assert outputs[0] == outputs[1]
    tokens = re.findall("[0-9a-f]{32}", outputs[0])
    assert len(tokens) == outputs[0].count("'") / 2 > 40
    assert len(set(tokens)) == len(tokens)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([1, 2], [1, 2]),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"x", "y", "z"}, {"z", "y", "x"}),
        (collections.OrderedDict(a=1, b=2), collections.OrderedDict(b=2, a=1)),
        (Point(1), Point(1, 0)),
        (Box({"a": [1]}), Box({"a": [1]})),
        ("aa", "a" * len("xx")),
        (pathlib.Path("/a/b"), pathlib.Path("/a") / "b"),
        (pendulum.datetime(2020, 1, 1), pendulum.parse("2020-01-01T00:00:00Z")),
        (lambda x: x + 1, lambda x: x + 1),
        (functools.partial(double, 2), functools.partial(double, 2)),
        (Box(1).__init__, Box(1).__init__),
        (float("nan"), float("nan")),
    ],
)
def test_equal_content_has_the_same_token(one: Any, other: Any):
    assert content_token(one) == content_token(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, "1"),
        (1, 1.0),
        (1, True),
        (1, Colour.RED),
        (None, "None"),
        ("x", b"x"),
        ([1, 2], (1, 2)),
        ([1, 2], [2, 1]),
        ([[1], 2], [[1, 2]]),
        (["a", "b"], ["ab"]),
        ({1}, frozenset({1})),
        ({"a": "b"}, {"b": "a"}),
        ({"a": 1}, collections.OrderedDict(a=1)),
        ((1, 2), Pair(1, 2)),
        (Point(1), Point(2)),
        (Point(1), OtherPoint(1)),
        (Box(1), Box(2)),
        (decimal.Decimal("1.0"), decimal.Decimal("1.00")),
        (uuid.UUID(int=1), uuid.UUID(int=2)),
        (datetime.date(2020, 1, 1), datetime.date(2020, 1, 2)),
        (pendulum.datetime(2020, 1, 1), pendulum.datetime(2020, 1, 1, tz="Europe/Paris")),
        (lambda x: x + 1, lambda x: x + 2),
        (lambda x=1: x, lambda x=2: x),
        (lambda x: x.real, lambda x: x.imag),
        (functools.partial(double, 2), functools.partial(double, 3)),
        (len, max),
        (int, float),
    ],
)
def test_different_content_has_another_token(one: Any, other: Any):
    assert content_token(one) != content_token(other)


def test_a_function_that_can_be_imported_stands_for_its_name():
    assert content_token(os.path.join) == content_token(os.path.join)
    assert content_token(os.path.join) != content_token(os.path.split)


def test_another_function_stands_for_the_variables_it_uses():
    def adder(n: int) -> Any:
        return lambda x: x + n

    assert content_token(adder(1)) == content_token(adder(1))
    assert content_token(adder(1)) != content_token(adder(2))

    def in_module(**variables: Any) -> Any:
        exec("def f(x):\n    return [x * factor for _ in range(2)]", variables)
        return variables["f"]

    assert content_token(in_module(factor=2, other=1)) == content_token(in_module(factor=2, other=9))
    assert content_token(in_module(factor=2)) != content_token(in_module(factor=3))


def test_a_recursive_function_has_a_token():
    def in_module(step: int) -> Any:
        variables: dict[str, Any] = {}
        exec(f"def f(x):\n    return x and f(x - {step})", variables)
        return variables["f"]

    assert content_token(in_module(1)) == content_token(in_module(1))
    assert content_token(in_module(1)) != content_token(in_module(2))


def test_a_value_inside_itself_has_a_token():
    def loop(start: int) -> list[Any]:
        values: list[Any] = [start]
        values.append(values)
        return values

    assert content_token(loop(1)) == content_token(loop(1))
    assert content_token(loop(1)) != content_token(loop(2))


def test_the_same_object_twice_is_no_different_from_two_equal_ones():
    part = [1]
    assert content_token([part, part]) == content_token([[1], [1]])


def test_what_cannot_be_pickled_never_has_the_same_token_twice():
    endless: list[Any] = []
    for _ in range(100_000):
        endless = [endless]
    for value in (threading.Lock(), (x for x in []), [threading.Lock()], endless):
        assert content_token(value) != content_token(value)


def test_arrays_are_compared_by_type_shape_and_data_not_by_their_layout_in_memory():
    array = numpy.arange(6).reshape(2, 3)
    assert content_token(array) == content_token(array.copy()) == content_token(numpy.asfortranarray(array))
    assert content_token(array[:, ::2]) == content_token(array[:, ::2].copy())
    assert content_token(array) != content_token(array.reshape(3, 2))
    assert content_token(array) != content_token(array.astype("float64"))
    assert content_token(array) != content_token(array + 1)


def test_arrays_of_objects_and_numpy_scalars_have_tokens():
    values = [{"a": 1}, "x", None]
    assert content_token(numpy.array(values, dtype=object)) == content_token(numpy.array(values, dtype=object))
    assert content_token(numpy.array(values, dtype=object)) != content_token(numpy.array(values[::-1], dtype=object))
    assert content_token(numpy.float64(1)) == content_token(numpy.float64(1))
    assert content_token(numpy.float64(1)) != content_token(numpy.float32(1))


def test_tables_are_compared_by_columns_index_and_data():
    def table(**changes: Any) -> pandas.DataFrame:
        data = {
            "n": [1, 2],
            "s": ["a", None],
            "when": pandas.to_datetime(["2020-01-01", "2020-01-02"], utc=True),
            "kind": pandas.Categorical(["x", "y"]),
            "maybe": pandas.array([1, None], dtype="Int64"),
        }
        return pandas.DataFrame({**data, **changes})

    assert content_token(table()) == content_token(table())
    assert content_token(table()) == content_token(table().copy())
    assert content_token(table()) != content_token(table(n=[1, 3]))
    assert content_token(table()) != content_token(table(n=[1.0, 2.0]))
    assert content_token(table()) != content_token(table(s=["b", None]))
    assert content_token(table()) != content_token(table(kind=pandas.Categorical(["y", "x"])))
    assert content_token(table()) != content_token(table(maybe=pandas.array([1, 2], dtype="Int64")))
    assert content_token(table()) != content_token(table().rename(columns={"n": "m"}))
    assert content_token(table()) != content_token(table().set_index(pandas.Index([5, 6])))


def test_a_table_built_column_by_column_has_the_token_of_one_built_at_once():
    grown = pandas.DataFrame({"a": [1, 2]})
    grown["b"] = [3, 4]
    assert content_token(grown) == content_token(pandas.DataFrame({"a": [1, 2], "b": [3, 4]}))


def test_columns_are_compared_by_name_index_and_data():
    column = pandas.Series([1, 2], name="n")
    assert content_token(column) == content_token(column.copy())
    assert content_token(column) != content_token(column.rename("m"))
    assert content_token(column) != content_token(column + 1)


def test_numpy_and_pandas_are_not_imported_for_it():
    script = """
import sys
from prefect.engine.content_token import content_token
content_token([1, {"a": lambda: 2}])
print({"numpy", "pandas", "cloudpickle"} & set(sys.modules))
"""
    process = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert process.stdout == "set()\n"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(JSON, JSON)
def test_two_values_share_a_token_when_they_are_the_same_text(one: Any, other: Any):
    def canonical(value: Any) -> str:
        if isinstance(value, dict):
            return "{" + ",".join(f"{key!r}:{canonical(value[key])}" for key in sorted(value)) + "}"
        if isinstance(value, list):
            return "[" + ",".join(map(canonical, value)) + "]"
        return repr(value)

    assert (content_token(one) == content_token(other)) == (canonical(one) == canonical(other))
