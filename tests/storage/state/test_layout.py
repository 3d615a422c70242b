"""Ids and paths: what they say, that they can be read back, and that no name leads out of the store."""

from __future__ import annotations

import os
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prefect.storage.state import layout
from prefect.storage.state.layout import Layout

RUN = "018f86c9-d443-7c3e-9d02-6f1b2a400000"
FLOW = "5f2c1a70-93b1-4c3e-8d02-6f1b2a400000"
PATHS = Layout("/home/me/.prefect/store")
ANY_TEXT = st.text(st.characters())  # lone surrogates too
NO_IDS = [
    "",
    "..",
    RUN.upper(),
    RUN[:-1],
    f"{RUN}0",
    f"{RUN}\n",
    "../" * 12,
    "018f86c9d4437c3e9d026f1b2a400000",
    None,
    7,
]

quickly = settings(max_examples=200, deadline=None, derandomize=True)


# ---- ids -------------------------------------------------------------------------------------------------------------


def test_a_run_id_is_a_uuid_of_version_7_that_ends_in_22_zero_bits():
    id = layout.new_run_id(1_715_953_325_123)

    assert layout.is_run_id(id)
    assert re.fullmatch(r"018f86c9-d443-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{6}[048c]00000", id)
    assert layout.hour_of(id) == "2024-05-17/13"


def test_run_ids_sort_by_creation():
    ids = [layout.new_run_id(1_715_953_325_123 + 1000 * second) for second in range(100)]

    assert sorted(ids) == ids


def test_ids_are_drawn_anew():
    for draw in (lambda: layout.new_run_id(0), layout.new_id, layout.new_flow_id):
        assert len({draw() for _ in range(1000)}) == 1000


def test_other_ids_are_random_uuids():
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", layout.new_id())
    assert not layout.is_run_id(layout.new_id())


@given(st.integers(1, (1 << 22) - 1))
@quickly
def test_members_lead_to_their_run_and_back(number: int):
    for owner in (layout.new_run_id(1_715_953_325_123), layout.new_flow_id()):
        id = layout.member(owner, number)

        assert layout.run_of(id) == owner
        assert layout.number_of(id) == number
        assert not layout.is_run_id(id)
        assert layout.number_of(owner) == 0


@pytest.mark.parametrize("number", [-1, 0, 1 << 22])
def test_a_run_has_a_limited_number_of_members(number: int):
    with pytest.raises(ValueError) as caught:
        layout.member(RUN, number)

    assert str(caught.value) == ("A flow run has at most 4194303 task runs and artifacts. Split the flow into several.")


@pytest.mark.parametrize("text", NO_IDS)
def test_what_is_no_id_becomes_no_path(text: object):
    assert not layout.is_id(text)
    for path in (
        PATHS.run,
        PATHS.tasks,
        PATHS.log,
        PATHS.active,
        PATHS.flow,
        PATHS.of_group,
        PATHS.slots,
        layout.run_of,
    ):
        with pytest.raises(ValueError, match="is no id"):
            path(text)  # type: ignore[arg-type]


# ---- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("demo", "demo-2a97516c354b"),
        ("Last Run!", "last-run-eb6d97751a1a"),
        ("", "e3b0c44298fc"),
        ("..", "5ec1f7e700f3"),
        ("x" * 80, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-d929cdeea7e6"),
    ],
)
def test_a_slug_is_readable_and_says_which_name_it_is_of(name: str, slug: str):
    assert layout.slug(name) == slug


@given(ANY_TEXT)
@quickly
def test_a_slug_is_safe_on_every_filesystem(name: str):
    assert re.fullmatch(r"([a-z0-9][a-z0-9-]{0,59}-)?[0-9a-f]{12}", layout.slug(name))


@given(ANY_TEXT, ANY_TEXT)
@quickly
def test_different_names_have_different_slugs(one: str, other: str):
    assert (layout.slug(one) == layout.slug(other)) == (one == other)


@given(st.lists(ANY_TEXT, unique=True, max_size=4))
@quickly
def test_labels_are_read_back_from_their_folder(labels: list[str]):
    key = layout.labels_key(labels)

    assert re.fullmatch(r"[a-z0-9_%+~-]{1,200}", key)
    assert layout.labels_of(key) == (None if key == layout.LONG_LABELS else set(labels))
    assert layout.labels_key(labels[::-1]) == key


@pytest.mark.parametrize(
    ("labels", "key"),
    [
        ([], "_"),
        (["prod", "gpu"], "gpu+prod"),
        (["GPU"], "%47%50%55"),
        (["_"], "%5f"),
        (["~"], "%7e"),
        ([""], "%"),
        (["a+b"], "a%2bb"),
        (["é"], "%c3%a9"),
        (["a_b-1"], "a_b-1"),
        (["x" * 201], "~"),
    ],
)
def test_a_folder_of_labels(labels: list[str], key: str):
    assert layout.labels_key(labels) == key


@pytest.mark.parametrize("key", ["%ff", "%e9+a", "a+%c3"])
def test_a_folder_that_is_none_of_labels_is_no_error(key: str):
    assert layout.labels_of(key) is None


# ---- paths -----------------------------------------------------------------------------------------------------------


def test_the_path_of_everything():
    root = PATHS.root
    due = "2024-05-17T13:45:00.000000+00:00"

    assert PATHS.run(RUN) == f"{root}/runs/2024-05-17/13/{RUN}.jsonl"
    assert PATHS.tasks(RUN) == f"{root}/tasks/2024-05-17/13/{RUN}.jsonl"
    assert PATHS.log(RUN) == f"{root}/logs/2024-05-17/13/{RUN}.jsonl"
    assert PATHS.queued(["prod", "gpu"], due, RUN) == f"{root}/queue/gpu+prod/20240517T1345/20240517T134500.000~{RUN}"
    assert PATHS.active(RUN) == f"{root}/active/{RUN}"
    assert PATHS.of_group(FLOW) == f"{root}/by-flow/{FLOW}"
    assert PATHS.flow(FLOW) == f"{root}/flows/{FLOW}.jsonl"
    assert PATHS.flows_of_group(FLOW) == f"{root}/group-flows/{FLOW}"
    assert PATHS.document("projects", "demo", RUN) == f"{root}/projects/demo-2a97516c354b~{RUN}.json"
    assert PATHS.feed("2024-05-17") == f"{root}/feed/2024-05-17.jsonl"
    assert PATHS.lease("services") == f"{root}/locks/services"
    assert PATHS.slots(FLOW) == f"{root}/slots/{FLOW}"


def test_names_of_runs_are_spread_over_folders():
    key = layout.slug("fast-otter")

    assert PATHS.named("fast-otter") == f"{PATHS.root}/names/{key[-12:][:3]}/{key}~"


def test_a_key_is_a_file_whose_name_tells_nothing():
    path = PATHS.key(FLOW, "a\0b/..")

    assert re.fullmatch(rf"{PATHS.root}/keys/([0-9a-f]{{2}})/\1[0-9a-f]{{62}}\.jsonl", path)
    with pytest.raises(ValueError):
        PATHS.key(f"{FLOW}\0a", "b/..")  # would be the same


@given(ANY_TEXT)
@quickly
def test_no_name_leads_out_of_the_store(name: str):
    due = "2024-05-17T13:45:00.000000+00:00"
    paths = [
        PATHS.named(name),
        PATHS.key(FLOW, name),
        PATHS.queued([name], due, RUN),
        PATHS.flows_named(FLOW, name),
        PATHS.document("kv", name, RUN),
        PATHS.cached(name),
    ]

    for path in paths:
        assert os.path.normpath(path) == path
        assert path.startswith(f"{PATHS.root}/")
        assert "\0" not in path


@pytest.mark.parametrize(
    "due",
    ["", "2024-05-17", "2024-05-17T13:45:00+00:00", "2024-05-17T13:45:00.000000Z", "2024-05-17T13:45:00.000000+02:00"],
)
def test_a_time_of_another_form_is_refused_because_text_order_must_be_time_order(due: str):
    with pytest.raises(ValueError, match="is no time as the store writes them"):
        PATHS.queued([], due, RUN)


def test_a_queue_marker_is_taken_apart():
    path = PATHS.queued([], "2024-05-17T13:45:00.123456+00:00", RUN)

    assert layout.parse_queued(path) == layout.QueueEntry(RUN, "20240517T134500.123", path)


@pytest.mark.parametrize(
    "name", [".DS_Store", "", "~", f"~{RUN}", f"20240517T134500.123~{FLOW}", "20240517T134500.123~x"]
)
def test_what_is_no_queue_marker_is_not_ours(name: str):
    assert layout.parse_queued(f"{PATHS.root}/queue/_/20240517T1345/{name}") is None


@pytest.mark.parametrize(
    ("name", "id"),
    [
        (f"demo-2a97516c354b~{RUN}.json", RUN),
        (f"{RUN}.jsonl", RUN),
        (f"000003~{FLOW}", FLOW),
        (RUN, RUN),
        (".lock", None),
        (f".demo~{RUN}.json.1a2b3c4d.tmp", None),
    ],
)
def test_the_id_at_the_end_of_a_name(name: str, id: str | None):
    assert layout.id_in(name) == id


def test_a_path_in_messages_is_relative_to_the_root():
    assert PATHS.inside(PATHS.active(RUN)) == f"active/{RUN}"
