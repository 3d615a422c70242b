"""Let 1.4.1 read the documents that ``write_documents.py`` has written, and record what it makes of them.

Run it with the Python of an environment that holds prefect 1.4.1: ``python read_documents_with_1x.py``. It writes
``recorded/read_by_1x.json``: for each document ``the same`` if 1.4.1 writes it again as it writes its own document of the same
thing after reading that, and otherwise what differs (path → there, expected) or what it raised.
"""

import json
import sys
from typing import Any

from record_documents import RECORDED, as_json, document_of_part, without_versions

_ABSENT = "<absent>"


def read_flow(document: Any) -> Any:
    """Return the document of a flow after 1.4.1 has read it."""
    from prefect.serialization.flow import FlowSchema

    return as_json(FlowSchema().load(document).serialize())


def read_state(document: Any) -> Any:
    """Return the document of a state after 1.4.1 has read it."""
    from prefect.engine.state import State

    return as_json(State.deserialize(document).serialize())


def read_part(part: str, document: Any) -> Any:
    """Return the document of a part of a flow after 1.4.1 has read it."""
    from prefect.serialization.flow import FlowSchema

    flow = FlowSchema().load({"name": "f", "tasks": [], "edges": [], part: document})
    return document_of_part(part, getattr(flow, part))


def read(kind: str, document: Any) -> Any:
    """Return a document after 1.4.1 has read it, or what it raised."""
    try:
        if kind == "flows":
            return without_versions(read_flow(document))
        if kind.startswith("states"):
            return without_versions(read_state(document))
        return without_versions(read_part(kind[:-1], document))
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def own(kind: str, name: str) -> Any:
    """Return the document of the same thing as 1.4.1 wrote it, or None if it wrote none."""
    path = RECORDED / (f"flow_{name}.json" if kind == "flows" else f"{kind}.json")
    if not path.exists():
        return None
    content = json.loads(path.read_text(encoding="utf-8"))
    return content if kind == "flows" else content[name]


def differences(there: Any, expected: Any, path: str = "") -> dict[str, list[Any]]:
    """Return where two documents differ: path → the two values."""
    if isinstance(there, dict) and isinstance(expected, dict):
        found = {}
        for key in sorted({*there, *expected}):
            found.update(differences(there.get(key, _ABSENT), expected.get(key, _ABSENT), f"{path}/{key}"))
        return found
    if isinstance(there, list) and isinstance(expected, list) and len(there) == len(expected):
        found = {}
        for index, (one, other) in enumerate(zip(there, expected)):
            found.update(differences(one, other, f"{path}/{index}"))
        return found
    return {} if there == expected else {path: [there, expected]}


def outcome(kind: str, name: str, document: Any) -> Any:
    """Return what became of a document."""
    there, theirs = read(kind, document), own(kind, name)
    if isinstance(there, str):
        return there
    expected = without_versions(document) if theirs is None else read(kind, theirs)
    return differences(there, expected) or "the same"


def main() -> None:
    """Write the file."""
    documents = json.loads((RECORDED / "written.json").read_text(encoding="utf-8"))
    outcomes = {
        kind: {name: outcome(kind, name, document) for name, document in of_kind.items()}
        for kind, of_kind in documents.items()
    }
    text = json.dumps(outcomes, indent=1, sort_keys=True, ensure_ascii=False)
    (RECORDED / "read_by_1x.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.tracebacklimit = 0
    main()
