"""Serializers (core.md §9.6)."""

from __future__ import annotations

import base64
import datetime
import gzip
import pickle
import sys
import zlib
from typing import Any

import pandas
import pendulum
import pytest

from prefect.engine.serializers import (
    CompressedSerializer,
    DateTimeSerializer,
    JSONSerializer,
    PandasSerializer,
    PickleSerializer,
    Serializer,
)

TABLE = pandas.DataFrame({"a": [1, 2]})


def test_the_base_serializer_says_that_a_subclass_must_define_it():
    with pytest.raises(NotImplementedError, match=r"^Serializer does not say how to serialize\."):
        Serializer().serialize(1)
    with pytest.raises(NotImplementedError, match=r"^Serializer does not say how to deserialize\."):
        Serializer().deserialize(b"")


def test_serializers_are_equal_by_type():
    assert PickleSerializer() == PickleSerializer()
    assert PickleSerializer() != JSONSerializer()


def test_pickles_hold_any_value_even_a_local_function():
    add = 3
    restored = PickleSerializer().deserialize(PickleSerializer().serialize({"f": lambda x: x + add}))
    assert restored["f"](1) == 4


def test_a_pickle_wrapped_in_base64_is_read_too():
    assert PickleSerializer().deserialize(base64.b64encode(pickle.dumps([1, "x"]))) == [1, "x"]


@pytest.mark.parametrize(("content", "error"), [(b"foo bar", pickle.UnpicklingError), (b"", EOFError)])
def test_bytes_that_are_no_pickle_raise_the_error_of_pickle_itself(content: bytes, error: type[Exception]):
    with pytest.raises(error):
        PickleSerializer().deserialize(content)


def test_a_value_that_cannot_be_pickled_is_a_type_error():
    with pytest.raises(TypeError, match="cannot pickle 'generator' object"):
        PickleSerializer().serialize(x for x in [])


def test_json_is_ascii_text():
    assert JSONSerializer().serialize({"a": [1, None, "é"]}) == b'{"a": [1, null, "\\u00e9"]}'
    assert JSONSerializer().deserialize('{"a": "é"}'.encode()) == {"a": "é"}


def test_a_value_without_json_form_is_a_type_error():
    with pytest.raises(TypeError, match="Object of type set is not JSON serializable"):
        JSONSerializer().serialize({1})


def test_text_that_is_no_json_is_a_value_error():
    with pytest.raises(ValueError, match="Unterminated string"):
        JSONSerializer().deserialize(b'{"a')


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime.datetime(2020, 1, 1), b"2020-01-01T00:00:00Z"),  # noqa: DTZ001 - naive counts as UTC
        (pendulum.datetime(2020, 1, 1), b"2020-01-01T00:00:00Z"),
        (pendulum.datetime(2020, 1, 1, tz="America/New_York"), b"2020-01-01T00:00:00-05:00"),
        (pendulum.datetime(2020, 1, 1, 1, 2, 3, 40), b"2020-01-01T01:02:03.000040Z"),
        (
            datetime.datetime(2020, 1, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=2))),
            b"2020-01-01T01:00:00+02:00",
        ),
    ],
)
def test_a_datetime_is_written_as_iso_8601_text_and_read_as_the_same_moment(moment: datetime.datetime, text: bytes):
    assert DateTimeSerializer().serialize(moment) == text
    restored = DateTimeSerializer().deserialize(text)
    assert isinstance(restored, pendulum.DateTime)
    assert restored == pendulum.instance(moment)


def test_a_date_alone_reads_as_its_midnight_in_utc():
    assert DateTimeSerializer().deserialize(b"2020-01-01") == pendulum.datetime(2020, 1, 1)


@pytest.mark.parametrize("value", [3, "2020-01-01", datetime.date(2020, 1, 1)])
def test_only_a_datetime_can_be_written_as_one(value: Any):
    with pytest.raises(ValueError, match="takes a datetime, not"):
        DateTimeSerializer().serialize(value)


def test_text_that_is_no_time_is_a_value_error():
    for text in ("zz", "", "P1D", "2020-01-01/2020-01-02"):
        with pytest.raises(ValueError, match="DateTimeSerializer") as caught:
            DateTimeSerializer().deserialize(text.encode())
        assert str(caught.value) == (
            f"A DateTimeSerializer cannot read {text!r}. It has to be a moment like 2020-01-01T00:00:00Z."
        )


def test_a_datetime_that_was_read_reads_as_it_did_in_1_x():
    assert str(DateTimeSerializer().deserialize(b"2020-01-01T00:00:00Z")) == "2020-01-01T00:00:00+00:00"


def test_a_table_is_written_as_the_file_that_pandas_would_write():
    assert PandasSerializer("csv").serialize(TABLE) == b",a\n0,1\n1,2\n"
    assert PandasSerializer("csv", serialize_kwargs={"index": False}).serialize(TABLE) == b"a\n1\n2\n"


def test_text_only_file_types_of_pandas_work_too():
    assert PandasSerializer("json").serialize(TABLE) == b'{"a":{"0":1,"1":2}}'
    assert (
        PandasSerializer("xml", {"parser": "etree"}, {"parser": "etree", "index": False})
        .deserialize(b"<data><row><a>1</a></row><row><a>2</a></row></data>")
        .equals(TABLE)
    )


@pytest.mark.parametrize("file_type", ["json", "pickle"])
def test_a_table_survives_a_round_trip(file_type: str):
    serializer = PandasSerializer(file_type)
    assert serializer.deserialize(serializer.serialize(TABLE)).equals(TABLE)


def test_reading_a_table_takes_the_keywords_of_pandas():
    serializer = PandasSerializer("csv", deserialize_kwargs={"index_col": 0})
    assert serializer.deserialize(b",a\n0,1\n1,2\n").equals(TABLE)


@pytest.mark.parametrize("file_type", ["foo", "dict"])
def test_a_file_type_that_pandas_cannot_write_and_read_is_refused_at_once(file_type: str):
    with pytest.raises(ValueError, match=f"^pandas cannot both write and read the file type '{file_type}'"):
        PandasSerializer(file_type)


def test_table_serializers_are_equal_when_their_settings_are():
    assert PandasSerializer("csv") == PandasSerializer("csv")
    assert PandasSerializer("csv") != PandasSerializer("json")
    assert PandasSerializer("csv") != PandasSerializer("csv", serialize_kwargs={"index": False})


def test_without_pandas_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"not installed\. Run: pip install pandas$"):
        PandasSerializer("csv")


@pytest.mark.parametrize("format", ["bz2", "gzip", "lzma", "zlib"])
def test_compressed_values_survive_a_round_trip(format: str):
    serializer = CompressedSerializer(PickleSerializer(), format)
    assert serializer.deserialize(serializer.serialize({"a": 1})) == {"a": 1}


def test_compression_is_that_of_the_module_with_the_given_keywords():
    serializer = CompressedSerializer(
        JSONSerializer(), "gzip", compress_kwargs={"compresslevel": 0}, decompress_kwargs={}
    )
    compressed = serializer.serialize("x" * 100)
    assert gzip.decompress(compressed) == b'"' + b"x" * 100 + b'"'
    assert len(compressed) > 100


def test_compression_can_be_two_functions():
    serializer = CompressedSerializer(JSONSerializer(), compress=zlib.compress, decompress=zlib.decompress)
    assert serializer.deserialize(zlib.compress(b"[1]")) == [1]
    assert serializer == CompressedSerializer(JSONSerializer(), "zlib")


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({}, ValueError, "needs `format`, or both"),
        ({"compress": zlib.compress}, ValueError, "needs `format`, or both"),
        ({"format": "gzip", "compress": zlib.compress}, ValueError, "got both"),
        ({"format": "nope"}, ImportError, "There is no compression module 'nope'"),
        ({"format": "json"}, ValueError, "'json' has no `compress` and `decompress`"),
    ],
)
def test_compression_that_is_not_clear_is_refused_at_once(
    arguments: dict[str, Any], error: type[Exception], message: str
):
    with pytest.raises(error, match=message):
        CompressedSerializer(PickleSerializer(), **arguments)


def test_compressed_serializers_are_equal_when_what_they_are_made_of_is():
    assert CompressedSerializer(PickleSerializer(), "gzip") == CompressedSerializer(PickleSerializer(), "gzip")
    assert CompressedSerializer(PickleSerializer(), "gzip") != CompressedSerializer(PickleSerializer(), "bz2")
    assert CompressedSerializer(PickleSerializer(), "gzip") != CompressedSerializer(JSONSerializer(), "gzip")
