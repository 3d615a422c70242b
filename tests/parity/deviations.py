"""Every intended difference from 1.4.1: where, why, and what is expected instead."""

from __future__ import annotations

import json
from typing import Any

#: Stands for a field that the recording has and we have not.
ABSENT = object()

_SAYS_WHAT_TO_DO = "an error says what failed and what to do about it"


def _not_there(template: str, name: str) -> str:
    """The error for a template that asks for a name which is not there."""
    return (
        f"KeyError(\"The {template} asks for '{name}', which is not there."
        ' Use a parameter of the flow, an input of the task or a name of prefect.context.")'
    )


_NO_SUCH_RUN_NAME = _not_there("task_run_name '{missing}'", "missing")

#: Texts of ours for texts of 1.4.1, wherever they occur, with the reason.
TEXTS: list[tuple[str, str, str]] = [
    (
        "instance() only accepts datetime objects.",
        "Parameter 'when' got datetime.date(2021, 3, 1). Give a datetime, or one as text such as 2024-05-17T13:45.",
        _SAYS_WHAT_TO_DO,
    ),
    (
        "Cycle found; flows must be acyclic!",
        "Cycle found; flows must be acyclic. In or behind the cycle: 'a', 'b'.",
        _SAYS_WHAT_TO_DO,
    ),
    (
        "Some tasks in return_tasks were not found in the flow.",
        "The flow 'runner' has no tasks {<Task: Task>}. Ask for the states of its own tasks.",
        _SAYS_WHAT_TO_DO,
    ),
    (
        "Cannot write values to `ConstantResult` types.",
        "A ConstantResult cannot be written to. Use LocalResult or another result that stores values.",
        _SAYS_WHAT_TO_DO,
    ),
    (
        "Environment variable not set: PARITY_MISSING",
        "Environment variable not set: PARITY_MISSING. Set it before the flow runs.",
        _SAYS_WHAT_TO_DO,
    ),
    (
        'Local Secret "ABSENT" was not found.',
        'Local Secret "ABSENT" was not found. Set the environment variable PREFECT__CONTEXT__SECRETS__ABSENT, '
        "or the secret's name under [context.secrets] in the configuration file.",
        _SAYS_WHAT_TO_DO,
    ),
    (
        "A secret name must be provided.",
        "PrefectSecret does not know which secret to fetch. Give a name to PrefectSecret(…) or to its run(…).",
        _SAYS_WHAT_TO_DO,
    ),
    ("KeyError('no_such_key')", _not_there("target '{no_such_key}'", "no_such_key"), _SAYS_WHAT_TO_DO),
    ("KeyError('unknown')", _not_there("location '{unknown}'", "unknown"), _SAYS_WHAT_TO_DO),
    ("running task: KeyError('missing')", f"running task: {_NO_SUCH_RUN_NAME}", _SAYS_WHAT_TO_DO),
    ("Config({'a': [1, 2]})", "<Config: 'a'>", "a configuration may hold secrets: its repr shows no values"),
]

_DICTIONARY = "core.md §23, 25: mapping over a dictionary fails the task, it does not break off the run"
_BARE_STATE = "core.md §23, 25: a flow handler's state without task states is accepted"
_ONE_RECORD = "core.md §23, 23: a printed line is a record, however many writes it took"

#: (flow file, case, field) to the reason and what stands there now; the field is a path into the recording of the case.
DEVIATIONS: dict[tuple[str, str, str], tuple[str, Any]] = {
    ("errors_when_running", "map over a dictionary", "runs/0/flow"): (
        _DICTIONARY,
        {"state": "Failed", "message": "Some reference tasks failed."},
    ),
    ("errors_when_running", "map over a dictionary", "runs/0/tasks"): (
        _DICTIONARY,
        {
            "one-1": {
                "state": "Failed",
                "message": "At least one upstream state has an unmappable result.",
                "result": "None",
            },
            "rows": {"state": "Success", "message": "Task run succeeded.", "result": "{'a': 1}"},
        },
    ),
    ("errors_when_running", "map over a dictionary", "runs/0/log/4"): (
        _DICTIONARY,
        [
            "INFO",
            "prefect.TaskRunner",
            "one-1",
            "Task 'one': Finished task run for task with final state: 'Failed'",
        ],
    ),
    ("errors_when_running", "map over a dictionary", "runs/0/log/5"): (
        _DICTIONARY,
        ["INFO", "prefect.FlowRunner", None, "Flow run FAILED: some reference tasks failed."],
    ),
    ("errors_when_running", "map over a dictionary", "runs/0/log/6"): (_DICTIONARY, ABSENT),
    ("logging_stdout", "lines", "runs/0/log/2/3"): (_ONE_RECORD, "two arguments"),
    ("logging_stdout", "lines", "runs/0/log/3/3"): (_ONE_RECORD, "several"),
    ("logging_stdout", "lines", "runs/0/log/4/3"): (_ONE_RECORD, "lines"),
    ("task_run_names", "wrong names", "runs/0/tasks/missing-1/result"): (_SAYS_WHAT_TO_DO, _NO_SUCH_RUN_NAME),
    ("task_run_names", "wrong names", "runs/0/log/2/4"): (_SAYS_WHAT_TO_DO, _NO_SUCH_RUN_NAME),
    ("state_handlers_flow", "state without task states", "runs/0/raised"): (_BARE_STATE, ABSENT),
    ("state_handlers_flow", "state without task states", "runs/0/flow"): (
        _BARE_STATE,
        {"state": "Failed", "message": "without task states"},
    ),
    ("state_handlers_flow", "state without task states", "runs/0/tasks"): (
        _BARE_STATE,
        {"good-1": {"state": "Pending", "message": "Task not run.", "result": "None"}},
    ),
    ("state_handlers_flow", "signal without task states", "runs/0/raised"): (_BARE_STATE, ABSENT),
    ("state_handlers_flow", "signal without task states", "runs/0/flow"): (
        _BARE_STATE,
        {"state": "Failed", "message": "a signal without task states"},
    ),
    ("state_handlers_flow", "signal without task states", "runs/0/tasks"): (
        _BARE_STATE,
        {"good-1": {"state": "Pending", "message": "Task not run.", "result": "None"}},
    ),
}


def apply(file: str, case: str, recording: dict[str, Any]) -> dict[str, Any]:
    """What is expected of us where 1.4.1 did ``recording``.

    Raises:
        ValueError: A deviation says what 1.4.1 did anyway, so it should be removed.
    """
    expected: dict[str, Any] = _replace_texts(recording)
    for (of_file, of_case, field), (reason, value) in DEVIATIONS.items():
        if (of_file, of_case) != (file, case):
            continue
        *parents, last = field.split("/")
        place: Any = expected
        for name in parents:
            place = place[int(name) if isinstance(place, list) else name]
        key: Any = int(last) if isinstance(place, list) else last
        present = isinstance(place, list) or key in place
        if (place[key] if present else ABSENT) == value:
            raise ValueError(f"{file}, {case}, {field} is no deviation ({reason})")
        if value is ABSENT:
            del place[key]
        else:
            place[key] = value
    return expected


def _replace_texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _replace_texts(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_replace_texts(item) for item in value]
    if isinstance(value, str):
        for theirs, ours, _ in TEXTS:
            # Most stand inside the repr of an exception, where the choice of quotes depends on the text.
            quoted = repr(theirs) in value
            value = value.replace(repr(theirs), repr(ours)) if quoted else value.replace(theirs, ours)
    return value


def unused(recordings: dict[str, Any]) -> list[str]:
    """Texts that no recording holds: deviations nobody needs any more."""
    everything = json.dumps(recordings, ensure_ascii=False).replace('\\"', '"')
    return [theirs for theirs, _, _ in TEXTS if theirs not in everything]
