"""What following a run promises, on real files and in memory."""

from __future__ import annotations

from typing import Any

import pytest
from samples import SUBMITTED, a_run, state

from prefect.storage.state.errors import Corrupt, NotFound
from prefect.storage.state.follow import Changes
from prefect.storage.state.journal import encoded
from prefect.storage.state.store import Store

RUN = "018f86c9-d443-7c3e-9d02-6f1b2a400000"
NOTHING = Changes([], [], [])


@pytest.fixture
def run(store: Store) -> dict[str, Any]:
    return store.runs.create(a_run())[0]


def test_a_run_is_followed_from_its_beginning(store, run):
    member = store.members.create(run["id"], {"task": "load", "map_index": 0})
    store.logs.append(run["id"], [{"message": "a"}])

    follower = store.follow(run["id"])

    assert follower.poll() == Changes([run], [member], [{"message": "a"}])
    assert follower.poll() == NOTHING


def test_what_is_added_comes_once(store, run):
    follower = store.follow(run["id"])
    follower.poll()

    store.runs.claim(None, SUBMITTED)
    member = store.members.create(run["id"], {"task": "load", "map_index": 0})
    changed = store.members.update(member["id"], state("Running"))
    store.logs.append(run["id"], [{"message": "a"}, {"message": "b"}])

    changes = follower.poll()
    assert changes == Changes(
        store.runs.history(run["id"])[1:], [member, changed], [{"message": "a"}, {"message": "b"}]
    )
    assert follower.poll() == NOTHING


def test_a_run_can_be_followed_from_now_on(store, run):
    store.logs.append(run["id"], [{"message": "old"}])
    follower = store.follow(run["id"], from_end=True)
    assert follower.poll() == NOTHING

    store.logs.append(run["id"], [{"message": "new"}])

    assert follower.poll() == Changes([], [], [{"message": "new"}])


def test_a_run_need_not_be_there_yet(store):
    follower = store.follow(RUN)
    assert follower.poll() == NOTHING

    store.logs.append(RUN, [{"message": "a"}])

    assert follower.poll() == Changes([], [], [{"message": "a"}])


def test_what_is_no_id_cannot_be_followed(store):
    with pytest.raises(NotFound):
        store.follow("../x")


@pytest.mark.parametrize(("kind", "place"), [("run", 0), ("tasks", 1), ("log", 2)])
def test_a_line_comes_when_it_is_whole(store, run, kind, place):
    follower = store.follow(run["id"], from_end=True)
    path = getattr(store.layout, kind)(run["id"])
    line = encoded({"v": 2})

    store.files.append_stream(path, line[:3])
    assert follower.poll() == NOTHING
    with store.files.locked(path) as fd:
        store.system.write(fd, line[3:])

    assert follower.poll()[place] == [{"v": 2}]


def test_what_a_crash_left_never_comes(store, run):
    follower = store.follow(run["id"])
    made = store.members.create(run["id"], {"task": "load", "map_index": 0})
    follower.poll()
    store.files.append_stream(store.layout.tasks(run["id"]), b'\0\0\n{"never":1}\n{"ne')
    assert follower.poll() == NOTHING

    changed = Store(store.root, system=store.system, durability="process").members.update(made["id"], state("Running"))

    assert follower.poll().members == [changed]


def test_following_from_the_end_does_not_begin_again_when_a_torn_tail_is_cut_off(store, run):
    made = store.members.create(run["id"], {"task": "load", "map_index": 0})
    store.files.append_stream(store.layout.tasks(run["id"]), b"\0\0\n" * 500)
    follower = store.follow(run["id"], from_end=True)

    changed = Store(store.root, system=store.system, durability="process").members.update(made["id"], state("Running"))

    assert follower.poll().members == [changed]


def test_a_file_that_was_replaced_is_begun_again(store, run):
    store.logs.append(run["id"], [{"message": "a"}])
    follower = store.follow(run["id"])
    follower.poll()

    store.files.replace(store.layout.log(run["id"]), encoded({"message": "b"}) + encoded({"message": "c"}))

    assert follower.poll().logs == [{"message": "b"}, {"message": "c"}]


def test_a_file_that_was_cut_is_begun_again(store, run):
    store.logs.append(run["id"], [{"message": "a"}, {"message": "b"}])
    follower = store.follow(run["id"])
    follower.poll()

    with store.files.locked(store.layout.log(run["id"])) as fd:
        store.system.truncate(fd, len(encoded({"message": "a"})))

    assert follower.poll().logs == [{"message": "a"}]


def test_a_deleted_run_brings_nothing(store, run):
    follower = store.follow(run["id"])
    follower.poll()
    store.runs.delete(run["id"])

    assert follower.poll() == NOTHING


def test_a_damaged_line_of_a_record_is_named_each_time(store, run):
    store.runs.claim(None, SUBMITTED)
    follower = store.follow(run["id"])
    follower.poll()
    store.files.append_stream(store.layout.run(run["id"]), b"nonsense\n")

    for _ in range(2):
        with pytest.raises(Corrupt) as failure:
            follower.poll()
        assert (failure.value.path, failure.value.line) == (store.layout.run(run["id"]), 3)


def test_a_damaged_line_of_a_log_is_passed_over(store, run):
    follower = store.follow(run["id"], from_end=True)
    store.files.append_stream(store.layout.log(run["id"]), b'nonsense\n\0\n{"message":"a"}\n')

    assert follower.poll().logs == [{"message": "a"}]
