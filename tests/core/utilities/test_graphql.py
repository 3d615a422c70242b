"""GraphQL documents from Python structures. Source: core.md §19.2."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from prefect.utilities.graphql import (
    EnumValue,
    GQLObject,
    GraphQLResult,
    LiteralSetValue,
    compress,
    decompress,
    parse_graphql,
    parse_graphql_arguments,
    with_args,
)


class Author(GQLObject):
    name = "name"


class Book(GQLObject):
    author = Author("author")


def test_dictionaries_are_selections_and_collections_are_fields() -> None:
    document = {"query": {"books(published: {gt: 1990})": {"title": True, "author": ["name"]}, "count": ...}}
    assert parse_graphql(document) == (
        "query {\n"
        "    books(published: {gt: 1990}) {\n"
        "        title\n"
        "        author {\n"
        "            name\n"
        "        }\n"
        "    }\n"
        "    count\n"
        "}"
    )


def test_text_is_a_document_already() -> None:
    assert parse_graphql("query { hello }") == "query { hello }"


def test_fields_of_a_schema_can_be_written_as_classes() -> None:
    book = Book()
    assert parse_graphql({"query": {book({"id": 1}): {book.author: {book.author.name}}}}) == (
        "query {\n    book(id: 1) {\n        author {\n            name\n        }\n    }\n}"
    )
    assert repr(book) == '<GQL: "book">'


def test_a_class_of_fields_in_a_document_is_a_mistake() -> None:
    with pytest.raises(TypeError, match="Book is a class of fields"):
        parse_graphql({"query": Book})


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"a": True, "b": None, "c": [1, "x"]}, 'a: true, b: null, c: [1, "x"]'),
        ({"a": {"b": {"c": 1}}}, "a: { b: { c: 1 } }"),
        ({"a": {}}, "a: {}"),
        ({"a": 'say "x"'}, 'a: "say \\"x\\""'),
        ({"a": uuid.UUID(int=0)}, 'a: "00000000-0000-0000-0000-000000000000"'),
        ({"a": EnumValue("created")}, "a: created"),
        ({"a": LiteralSetValue(["x", "y"])}, "a: {x, y}"),
        ("a: 1", "a: 1"),
        ({}, ""),
    ],
)
def test_arguments_are_written_as_graphql_writes_them(arguments: Any, text: str) -> None:
    assert parse_graphql_arguments(arguments) == text
    assert with_args("field", arguments) == f"field({text})"


def test_enum_values_are_equal_by_value() -> None:
    assert EnumValue("x") == EnumValue("x") != "x"
    assert len({EnumValue("x"), EnumValue("x"), EnumValue("y")}) == 2


def test_what_is_compressed_comes_back() -> None:
    assert decompress(compress({"a": [1, None, "ü"]})) == {"a": [1, None, "ü"]}


def test_an_answer_has_attributes_at_every_depth_and_shows_as_json() -> None:
    answer = GraphQLResult({"data": {"flow": [{"id": 1}]}})
    assert answer.data.flow[0].id == 1
    assert repr(GraphQLResult({"data": {}})) == '{\n    "data": {}\n}'


def test_parts_of_an_answer_are_answers_and_show_alike() -> None:
    answer = GraphQLResult({"data": {"flow": [{"id": 1}]}})

    assert repr(answer.data.flow[0]) == '{\n    "id": 1\n}'
    assert [type(part) for part in (answer.data, answer.data.flow[0])] == [GraphQLResult, GraphQLResult]


def test_what_is_put_into_an_answer_later_has_attributes_too() -> None:
    answer = GraphQLResult(errors=[])

    answer["data"] = {"id": 1}
    answer.errors = [{"message": "no"}]

    assert (answer.data.id, answer.errors[0].message) == (1, "no")


def test_an_answer_is_plain_again_on_request() -> None:
    answer = {"data": {"flow": [{"id": 1, "tags": ("a",)}]}}

    assert GraphQLResult(answer).to_dict() == answer
    assert type(GraphQLResult(answer).to_dict()["data"]["flow"][0]) is dict
