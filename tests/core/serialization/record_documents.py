"""Record what 1.4.1 makes of the flows, schedules, run configs, storages and states in the ``documented*.py`` beside this.

Run it with the Python of an environment that holds prefect 1.4.1: ``python record_documents.py``. It writes ``recorded/``:
``flow_*.json``, ``states.json``, ``schedules.json``, ``run_configs.json`` and ``storages.json`` hold documents as 1.4.1
writes them; ``runs.json`` how flows ended that it loaded from their documents and ran; ``events.json`` what came next of the
schedules that it loaded.
"""

import importlib.util
import json
import logging
import re
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
RECORDED = HERE / "recorded"

#: Events of each schedule that are recorded, and the moment after which they come.
EVENTS = 6
AFTER = (2020, 1, 1)


def load_subjects(name: str) -> Any:
    """Return a module of subjects; its name is part of the documents."""
    if name not in sys.modules:
        specification = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
        assert specification is not None
        assert specification.loader is not None
        module = sys.modules[name] = importlib.util.module_from_spec(specification)
        specification.loader.exec_module(module)
    return sys.modules[name]


def as_json(document: Any) -> Any:
    """Return a document as JSON gives it back."""
    return json.loads(json.dumps(document))


def without_versions(document: Any) -> Any:
    """Return a document without the ``__version__`` that every object carries."""
    if isinstance(document, dict):
        return {key: without_versions(value) for key, value in document.items() if key != "__version__"}
    return [without_versions(value) for value in document] if isinstance(document, list) else document


def document_of_part(part: str, value: Any) -> Any:
    """Return the document of a schedule, run config or storage, as it stands in that of its flow."""
    from prefect import Flow

    return as_json(Flow("f", **{part: value}).serialize()[part])


def run(flow: Any) -> dict[str, Any]:
    """Run a flow that was loaded from a document, with 1 for each required parameter, and return how it ended."""
    from prefect.engine import FlowRunner
    from prefect.executors import LocalExecutor

    parameters = {parameter.name: 1 for parameter in flow.parameters() if parameter.required}
    slugs = {task: task.slug for task in flow.tasks}
    state = FlowRunner(flow=flow).run(parameters=parameters, return_tasks=flow.tasks, executor=LocalExecutor())
    found = {"state": [type(state).__name__, state.message], "tasks": {}}
    for task, one in state.result.items():
        children = [type(child).__name__ for child in getattr(one, "map_states", None) or ()]
        # A generic task takes no arguments; which of several it is given first is left to chance.
        message = re.sub(r"(?<=unexpected keyword argument )'.*'", "…", one.message)
        found["tasks"][slugs[task]] = [type(one).__name__, message, *children]
    return found


def events(schedule: Any) -> list[str]:
    """Return when a schedule comes next, each time with its parameters and labels."""
    import pendulum

    found = schedule.next(EVENTS, after=pendulum.datetime(*AFTER), return_events=True)
    return [f"{event.start_time.isoformat()} {event.parameter_defaults} {event.labels}" for event in found]


def main() -> None:
    """Write all files."""
    from prefect.serialization.flow import FlowSchema

    logging.disable(logging.CRITICAL)
    flows = {name: as_json(make().serialize()) for name, make in load_subjects("documented").FLOWS.items()}
    states = load_subjects("documented_states").STATES
    documents = {f"flow_{name}": document for name, document in flows.items()}
    documents["states"] = {name: as_json(make().serialize()) for name, make in states.items()}
    documents["runs"] = {name: run(FlowSchema().load(document)) for name, document in flows.items()}
    for part, makers in load_subjects("documented_parts").PARTS.items():
        documents[f"{part}s"] = {name: document_of_part(part, make()) for name, make in makers.items()}
    documents["events"] = {}
    for name, document in documents["schedules"].items():
        try:
            documents["events"][name] = events(FlowSchema().load({**flows["empty"], "schedule": document}).schedule)
        except Exception as error:
            documents["events"][name] = f"{type(error).__name__}: {error}"
    RECORDED.mkdir(exist_ok=True)
    for name, document in documents.items():
        text = json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False)
        (RECORDED / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.tracebacklimit = 0
    main()
