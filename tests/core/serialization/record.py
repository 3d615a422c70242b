"""Record the documents that 1.4.1 makes of what ``documented.py`` and ``documented_parts.py`` hold.

Run it with the Python of an environment that holds prefect 1.4.1: ``python record.py``. It writes ``recorded/``, one
file for each flow and one each for all states, schedules, run configs and storages, without the ``__version__`` that
every object carries.
"""

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
RECORDED = HERE / "recorded"


def load_subjects(name: str = "documented") -> Any:
    """Return a module of subjects; its name is part of the documents."""
    if name not in sys.modules:
        specification = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
        assert specification is not None
        assert specification.loader is not None
        module = sys.modules[name] = importlib.util.module_from_spec(specification)
        specification.loader.exec_module(module)
    return sys.modules[name]


def as_recorded(document: Any) -> Any:
    """Return a document as JSON gives it back, without versions."""
    if isinstance(document, dict):
        return {str(key): as_recorded(value) for key, value in document.items() if key != "__version__"}
    if isinstance(document, (list, tuple)):
        return [as_recorded(value) for value in document]
    return document


def document_of_part(part: str, value: Any) -> Any:
    """Return the document of a schedule, run config or storage, as it stands in that of its flow."""
    from prefect import Flow

    return Flow("f", **{part: value}).serialize()[part]


def main() -> None:
    """Write all files."""
    subjects = load_subjects()
    documents = {f"flow_{name}": make().serialize() for name, make in subjects.FLOWS.items()}
    documents["states"] = {name: make().serialize() for name, make in subjects.STATES.items()}
    for part, makers in load_subjects("documented_parts").PARTS.items():
        documents[f"{part}s"] = {name: document_of_part(part, make()) for name, make in makers.items()}
    RECORDED.mkdir(exist_ok=True)
    for name, document in documents.items():
        text = json.dumps(as_recorded(document), indent=1, sort_keys=True, ensure_ascii=False)
        (RECORDED / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
