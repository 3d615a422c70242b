"""States from which task runs go on. Source: backend.md §10.2, §11."""

from __future__ import annotations

import pytest

from prefect import Flow, task
from prefect.backend.task_states import begun_from, paused, replace, restored_states, unqueued, waiting_states
from prefect.client.results import NumberedTaskRun
from prefect.engine.state import Mapped, Paused, Pending, Queued, Retrying, Running, Submitted, Success


@task
def number(x):
    return x


def flow_of_one():
    with Flow("f") as flow:
        number.map(number(1))
    return flow


def known(slug, state, map_index=-1):
    return NumberedTaskRun("id", "task id", slug, map_index, 1, state)


def test_each_task_goes_on_from_its_own_state():
    flow = flow_of_one()

    states = restored_states(flow, [known("number-1", Success()), known("number-2", Pending())])

    assert {flow.slugs[found]: state for found, state in states.items()} == {
        "number-1": Success(),
        "number-2": Pending(),
    }


def test_a_mapped_task_gets_the_states_of_its_children():
    runs = [
        known("number-2", Success("child"), 1),
        known("number-2", Mapped(map_states=[None, None, None])),
        known("number-1", Success()),
    ]

    state, _ = restored_states(flow_of_one(), runs).values()

    assert state.n_map_states == 3
    assert [type(child) for child in state.map_states] == [Pending, Success, Pending]


def test_a_task_that_the_flow_has_not_is_refused():
    with pytest.raises(KeyError) as caught:
        restored_states(flow_of_one(), [known("gone-1", Pending())])

    assert caught.value.args == (
        "The registered flow has a task 'gone-1', which the flow 'f' that was loaded has not."
        " Its code has changed since. Register the flow again.",
    )


def test_a_task_that_was_not_registered_is_refused():
    with pytest.raises(KeyError) as caught:
        restored_states(flow_of_one(), [known("number-1", Pending())])

    assert caught.value.args == (
        "The flow 'f' that was loaded has a task 'number-2', which the registered flow has not."
        " Its code has changed since. Register the flow again.",
    )


@pytest.mark.parametrize(
    ("state", "begun"),
    [
        (Submitted(state=Pending("was")), Pending("was")),
        (Queued(state=Pending("first")), Pending("first")),
        (Running(), Pending()),
        (Success("done"), Success("done")),
    ],
)
def test_a_run_goes_on_from_what_it_was(state, begun):
    assert begun_from(state) == begun


def test_a_run_whose_process_went_away_keeps_its_count():
    running = Running(context={"task_run_count": 3})

    assert begun_from(running).context == {"task_run_count": 3}


def test_runs_that_were_refused_a_slot_ask_again():
    one, two = flow_of_one().sorted_tasks()[-2:]
    states = unqueued({one: Queued(state=Pending("was")), two: Mapped(map_states=[Success(), Queued(state=Pending())])})

    assert states[one].message == "was"
    assert [type(child) for child in states[two].map_states] == [Success, Pending]


def test_waiting_and_paused_runs_are_found_among_mapped_children():
    one, two = flow_of_one().sorted_tasks()[-2:]
    pause = Paused()
    states = {one: Retrying(), two: Mapped(map_states=[pause, Success()])}

    assert [type(state) for state in waiting_states(states)] == [Retrying, Paused]
    assert paused(states) == [(two, 0, pause)]


def test_states_are_replaced_where_they_are():
    one, two = flow_of_one().sorted_tasks()[-2:]
    states = {one: Pending(), two: Mapped(map_states=[Paused(), Success()])}

    replace(states, one, None, Success("one"))
    replace(states, two, 0, Success("child"))

    assert states[one].message == "one"
    assert states[two].map_states[0].message == "child"
