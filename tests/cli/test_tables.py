"""Tables and ages."""

from __future__ import annotations

import json

import pytest

from prefect.cli.tables import age, clock_time, print_list, table

NOW = "2024-05-17T12:00:00.000000+00:00"


def test_columns_are_left_aligned_two_spaces_apart():
    assert table(["NAME", "N"], [["a", 1], ["longer", 22]]) == "NAME    N\na       1\nlonger  22"


def test_the_header_stands_alone_over_no_rows():
    assert table(["NAME", "N"], []) == "NAME  N"


def test_what_is_not_there_is_blank():
    assert table(["A", "B", "C"], [[None, 0, None]]) == "A  B  C\n   0"


def test_no_line_ends_in_spaces():
    assert table(["A", "LONG"], [["x", ""]]) == "A  LONG\nx"


def test_a_cell_of_several_lines_makes_its_row_as_high():
    assert table(["A", "MESSAGE"], [["1", "Traceback:\n  1 / 0"], ["2", "x"]]) == (
        "A  MESSAGE\n1  Traceback:\n     1 / 0\n2  x"
    )


def test_wide_signs_take_two_columns_and_accents_none():
    assert table(["A", "B"], [["日本", 1], ["e\u0301", 2]]) == "A     B\n日本  1\ne\u0301     2"


@pytest.mark.parametrize(
    ("time", "text"),
    [
        ("2024-05-17T12:00:05.000000+00:00", "a few seconds ago"),
        ("2024-05-17T11:59:50.000000+00:00", "a few seconds ago"),
        ("2024-05-17T11:59:49.000000+00:00", "11 seconds ago"),
        ("2024-05-17T11:59:00.000000+00:00", "1 minute ago"),
        ("2024-05-17T11:00:00.500000+00:00", "59 minutes ago"),
        ("2024-05-17T11:00:00.000000+00:00", "1 hour ago"),
        ("2024-05-14T11:00:00.000000+00:00", "3 days ago"),
        ("2024-05-10T11:00:00.000000+00:00", "1 week ago"),
        ("2024-04-17T12:00:00.000000+00:00", "1 month ago"),
        ("2022-05-17T12:00:00.000000+00:00", "2 years ago"),
    ],
)
def test_ages_are_said_in_one_unit(time, text):
    assert age(time, NOW) == text


def test_times_are_shown_to_the_second():
    assert clock_time(NOW) == "2024-05-17 12:00:00"
    assert clock_time(None) is None


def test_json_shows_all_fields_of_a_row(capsys):
    print_list([{"name": "é", "id": None}], {"NAME": "name"}, "json")

    assert json.loads(capsys.readouterr().out) == [{"name": "é", "id": None}]
