"""Concurrency limits as records (backend.md §15)."""

from __future__ import annotations

import pytest

from prefect.exceptions import ClientError
from prefect.orchestration.limits import (
    delete_flow_concurrency_limit,
    delete_task_tag_limit,
    flow_concurrency_limits,
    task_tag_limits,
    update_flow_concurrency_limit,
    update_task_tag_limit,
)


def test_there_are_no_limits_at_first(store):
    assert (task_tag_limits(store), flow_concurrency_limits(store)) == ([], [])


def test_a_tag_gets_a_limit(store):
    id = update_task_tag_limit(store, "database", 3)

    assert [(limit["id"], limit["tag"], limit["limit"]) for limit in task_tag_limits(store)] == [(id, "database", 3)]


def test_a_label_gets_a_limit(store):
    id = update_flow_concurrency_limit(store, "gpu", 0)

    assert [(limit["id"], limit["name"], limit["limit"]) for limit in flow_concurrency_limits(store)] == [
        (id, "gpu", 0)
    ]


def test_a_limit_is_changed_under_its_id(store):
    id = update_task_tag_limit(store, "database", 3)

    assert update_task_tag_limit(store, "database", 5) == id

    assert [limit["limit"] for limit in task_tag_limits(store)] == [5]


@pytest.mark.parametrize(
    ("update", "delete"),
    [
        (update_task_tag_limit, delete_task_tag_limit),
        (update_flow_concurrency_limit, delete_flow_concurrency_limit),
    ],
)
def test_a_limit_is_deleted(store, update, delete):
    id = update(store, "x", 1)

    assert (delete(store, id), delete(store, id), delete(store, "../x")) == (True, False, False)


@pytest.mark.parametrize("limit", [-1, 1.5, "3", None, True])
def test_a_limit_is_a_whole_number_from_0_on(store, limit):
    with pytest.raises(ClientError) as caught:
        update_task_tag_limit(store, "database", limit)

    assert str(caught.value) == f"The limit of 'database' cannot be {limit!r}. Give a whole number from 0 on."


def test_a_tag_is_not_empty(store):
    with pytest.raises(ClientError, match="A tag needs a name, and '' is none"):
        update_task_tag_limit(store, "", 1)
