"""Write the documents that are given to 1.4.1 to read: ``recorded/written.json``; then run ``read_documents_with_1x.py``.

Run it with the Python of an environment that holds this package: ``python write_documents.py``. The documents are those of all
subjects in the ``documented*.py`` beside this, and the states of a flow that was run.
"""

import datetime
import json
import logging
from typing import Any

from record_documents import RECORDED, as_json, document_of_part, load_subjects

import prefect
from prefect import Flow, task
from prefect.engine import FlowRunner, signals
from prefect.executors import LocalExecutor


@task
def number(x):
    return x


@task
def fail(x):
    raise ValueError(f"no {x}")


@task(max_retries=2, retry_delay=datetime.timedelta(hours=1))
def fail_again(x):
    raise ValueError(f"no {x}")


@task
def skip(x):
    raise signals.SKIP("not today")


@task
def loop():
    turn = prefect.context.get("task_loop_count", 1)
    if turn < 3:
        raise signals.LOOP(result=turn)
    return turn


def states_of_a_run() -> dict[str, Any]:
    """Return the documents of a run's states, by slug, without the times in them."""
    with Flow("run") as flow:
        one = number(1)
        number.map([one, loop()])
        number(fail(one))
        number(skip(one))
        fail_again.map([1, 2])
    state = FlowRunner(flow=flow).run(return_tasks=flow.tasks, executor=LocalExecutor())
    found = {"the flow run": state, **{flow.slugs[task]: one for task, one in state.result.items()}}
    children = {
        f"{flow.slugs[task]}, child": one.map_states[0] for task, one in state.result.items() if one.is_mapped()
    }
    documents = {name: as_json(one.serialize()) for name, one in {**found, **children}.items()}
    return {
        name: {**document, **({"start_time": "2026-01-01T00:00:00+00:00"} if "start_time" in document else {})}
        for name, document in documents.items()
    }


def written() -> dict[str, dict[str, Any]]:
    """Return all documents: kind → name → document."""
    states = load_subjects("documented_states").STATES
    return {
        "flows": {name: as_json(make().serialize()) for name, make in load_subjects("documented").FLOWS.items()},
        "states": {name: as_json(make().serialize()) for name, make in states.items()},
        "states_of_a_run": states_of_a_run(),
        **{
            f"{part}s": {name: document_of_part(part, make()) for name, make in makers.items()}
            for part, makers in load_subjects("documented_parts").PARTS.items()
        },
    }


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    text = json.dumps(written(), indent=1, sort_keys=True, ensure_ascii=False)
    (RECORDED / "written.json").write_text(text + "\n", encoding="utf-8")
