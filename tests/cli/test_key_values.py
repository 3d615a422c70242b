"""``key=value`` on the command line, and parameter files (cli.md §3.2, §3.5)."""

from __future__ import annotations

import math

import pytest

from prefect.cli.errors import CommandError
from prefect.cli.key_values import parse_key_values, read_parameter_file


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Marvin", "Marvin"),
        ("5", 5),
        ("-5", -5),
        ("1e5", 100000.0),
        ("true", True),
        ("null", None),
        ("True", "True"),
        ("None", "None"),
        ('"5"', "5"),
        ("", ""),
        ("01", "01"),
        ("2021-01-01", "2021-01-01"),
        ("1 2", "1 2"),
        ("a b", "a b"),
        ("['x']", "['x']"),
        ('[1, "a"]', [1, "a"]),
        ('{"a": {"b": 1}}', {"a": {"b": 1}}),
        ("http://x?a=b&c=d", "http://x?a=b&c=d"),
    ],
)
def test_a_value_is_json_or_a_bare_word(text, value):
    assert parse_key_values([f"k={text}"], "parameter") == {"k": value}


def test_nan_is_a_number():
    assert math.isnan(parse_key_values(["k=NaN"], "parameter")["k"])


@pytest.mark.parametrize("text", ["[1,2", "{a: 1}", '"unclosed', r"C:\path", "a\nb"])
def test_what_looks_like_broken_json_is_refused(text):
    with pytest.raises(CommandError, match=r"^Failed to parse JSON for parameter 'k' with value\n\n\t"):
        parse_key_values([f"k={text}"], "parameter")


def test_the_message_shows_the_value_and_the_place_of_the_mistake():
    with pytest.raises(CommandError) as raised:
        parse_key_values(["name=[1,2"], "context")

    assert raised.value.message == (
        "Failed to parse JSON for context 'name' with value\n\n\t[1,2\n\n"
        "JSON Error: Expecting ',' delimiter: line 1 column 5 (char 4)"
    )


def test_every_line_of_a_value_is_indented():
    with pytest.raises(CommandError, match="\n\n\t\\[1,\n\t2\n\n"):
        parse_key_values(["k=[1,\n2"], "parameter")


def test_a_value_nested_too_deeply_is_refused():
    with pytest.raises(CommandError, match="nested too deeply"):
        parse_key_values(["k=" + "[" * 200_000], "parameter")


def test_a_number_with_too_many_digits_is_refused():
    with pytest.raises(CommandError, match="digits"):
        parse_key_values(["k=" + "1" * 10_000], "parameter")


def test_keys_are_taken_as_they_are_and_the_last_value_wins():
    assert parse_key_values(["a b=1", "a b=2=3"], "parameter") == {"a b": "2=3"}


@pytest.mark.parametrize("spec", ["foo", "=5", ""])
def test_a_spec_without_key_or_equals_sign_is_refused(spec):
    with pytest.raises(CommandError) as raised:
        parse_key_values([spec], "parameter")

    assert raised.value.message == f"Invalid parameter option {spec!r}. Expected format 'key=value'."


def test_a_file_holds_an_object_of_parameters(tmp_path):
    file = tmp_path / "p.json"
    file.write_text('\ufeff{"x": [1, {"y": null}], "é": "ü"}', encoding="utf-8")

    assert read_parameter_file(str(file)) == {"x": [1, {"y": None}], "é": "ü"}


def test_a_huge_file_is_read(tmp_path):
    file = tmp_path / "p.json"
    file.write_text('{"x": [' + "1234567, " * 1_000_000 + "0]}")

    assert len(read_parameter_file(str(file))["x"]) == 1_000_001


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The parameter file {path!r} is empty."),
        (b" \n", "The parameter file {path!r} is empty."),
        (b"[1]", "The JSON at {path!r} is not an object but an array."),
        (b"null", "The JSON at {path!r} is not an object but null."),
        (b'"x"', "The JSON at {path!r} is not an object but a string."),
        (
            b"{",
            "Failed to parse JSON at {path!r}: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
        ),
        (
            b"\xff\xfe\x00",
            "Failed to parse JSON at {path!r}: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte",
        ),
        (b"[" * 200_000, "Failed to parse JSON at {path!r}: it is nested too deeply"),
    ],
)
def test_an_unusable_file_is_named_with_the_reason(tmp_path, content, message):
    file = tmp_path / "p.json"
    file.write_bytes(content)

    with pytest.raises(CommandError) as raised:
        read_parameter_file(str(file))

    assert raised.value.message == message.format(path=str(file))


def test_a_missing_file_is_named_with_its_whole_path(in_folder):
    with pytest.raises(CommandError) as raised:
        read_parameter_file("p.json")

    assert raised.value.message == f"Parameter file does not exist: {str(in_folder / 'p.json')!r}"


def test_a_folder_is_no_parameter_file(in_folder):
    with pytest.raises(CommandError, match="Is a directory"):
        read_parameter_file(".")
