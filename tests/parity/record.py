r"""Run the flow files in ``flows/`` and write down what happened, so that two implementations can be compared.

The recordings in ``recorded/`` were made with release 1.4.1 on Python 3.10. To make them again, in an environment of its
own (1.4.1 predates today's libraries, so some are held back)::

    python3.10 -m venv reference
    reference/bin/pip install prefect==1.4.1 pendulum==2.1.2 marshmallow==3.19.0 marshmallow-oneofschema==3.2.0 \
        dask==2023.12.1 distributed==2023.12.1 click==8.1.8 cloudpickle==3.1.2
    reference/bin/python tests/parity/record.py            # every file
    reference/bin/python tests/parity/record.py mapping    # files whose name contains "mapping"

It runs under any implementation of the API; ``test_parity.py`` uses it to run the same files under ours.

A flow file has a dict ``CASES``, name to what to do:

``flow``        the `Flow` to run (or ``call``: a function; a ``(flow, state)`` pair it returns is written down like a run)
``parameters``, ``context``   as for ``flow.run``;  ``run``: other keywords of it, or a function returning them
``outer``       entries of ``prefect.context`` around the run
``runs``        how many times to run it in one process (default 1)
``env``         environment variables of the process
``input``       lines on its standard input
``observe``     True: write down every (old, new) pair of states seen by a runner-level handler
``console``     True: leave the console log handler in place, so that stdout is what a user sees
``states_only`` True: work runs in parallel, the order of lines means nothing

A list named ``SEEN`` in the file is written down after each run and emptied.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import logging
import os
import re
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
FLOWS = HERE / "flows"
RECORDED = HERE / "recorded"
#: A whole file; the slowest waits for a handful of one-second timeouts.
FILE_TIMEOUT_SECONDS = 120

# What differs from one run to the next, and what stands for it.
_PATTERNS = [
    (re.compile(r"0x[0-9a-f]{6,}"), "0x"),
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "<uuid>"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( ?[+-]\d\d:?\d\d|Z)?"), "<time>"),
    # Python 3.11 and 3.14 word these differently from 3.10.
    (re.compile(r"ZeroDivisionError\('[^']*'\)"), "ZeroDivisionError('division by zero')"),
    # A paragraph of advice, which is not a thing to keep; the type says it.
    (re.compile(r"ResultNotImplementedError\((['\"]).*?\1\)"), "ResultNotImplementedError('...')"),
    (re.compile(r"prefect-result-\d{4}-[0-9a-zt-]+"), "prefect-result-<time>"),
]
_TRACEBACK = re.compile(r"^Traceback \(most recent call last\):\n(?:(?:[ \t].*)?\n)+", re.MULTILINE)


def normalise(text: str) -> str:
    """Replace addresses, ids, times and temporary folders in ``text``."""
    text = text.replace(os.getcwd(), "<cwd>").replace(os.environ["HOME"], "<home>")
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def _state(state: Any) -> dict[str, Any]:
    """One state, without the children of a mapped one."""
    entry = {
        "state": type(state).__name__,
        "message": None if state.message is None else normalise(str(state.message)),
        "result": normalise(repr(state.result)),
    }
    location = getattr(state._result, "location", None)
    if location is not None:
        entry["location"] = normalise(str(location))
    return entry


def _task_state(state: Any) -> dict[str, Any]:
    entry = _state(state)
    if state.is_mapped():
        entry["children"] = [_state(child) for child in state.map_states]
    return entry


def _user_line(error: BaseException, path: str) -> str | None:
    """The line of the flow file in which ``error`` was raised or passed through last."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
    return frames[-1].line if frames else None  # which function it is in depends on the version, for comprehensions


class _Collector(logging.Handler):
    """Keeps every record as ``[level, logger, task slug, message]``, and for an exception its repr and line."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.lines: list[list[Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        line: list[Any] = [record.levelname, record.name, getattr(record, "task_slug", None)]
        line.append(normalise(record.getMessage()))
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            line += [normalise(repr(error)), _user_line(error, self.path)]
        self.lines.append(line)


def _observer(seen: list[list[Any]]) -> Any:
    import prefect

    def observe(runner: Any, old: Any, new: Any) -> None:
        slug, index = prefect.context.get("task_slug"), prefect.context.get("map_index")
        seen.append([slug if index is None else f"{slug}[{index}]", type(old).__name__, type(new).__name__])

    return observe


def _is_chain(flow: Any) -> bool:
    """Whether the tasks of ``flow`` can run in one order only."""
    edges = {(edge.upstream_task, edge.downstream_task) for edge in flow.edges}
    try:
        tasks = [task for task in flow.sorted_tasks() if type(task).__name__ != "Constant"]
    except ValueError:  # a cycle
        return False
    return all(pair in edges for pair in zip(tasks, tasks[1:]))


def _describe(flow: Any, state: Any) -> dict[str, Any]:
    """A finished run: the flow's state, and each task's under its slug."""
    entry: dict[str, Any] = {"flow": _state(state) if state is not None else None}
    if state is not None and isinstance(state.result, dict):
        entry["flow"].pop("result")
        known = {flow.slugs[task]: _task_state(found) for task, found in state.result.items()}
        entry["tasks"] = dict(sorted(known.items()))
    return entry


def _run_once(case: dict[str, Any], path: str, lines: list[list[Any]], module: Any) -> dict[str, Any]:
    import prefect

    entry: dict[str, Any] = {"ordered": "flow" in case and _is_chain(case["flow"])}
    seen: list[list[Any]] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            if "call" in case:
                value = case["call"]()
                if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], prefect.Flow):
                    entry.update(_describe(*value))
                else:
                    entry["returned"] = normalise(value if isinstance(value, str) else repr(value))
            else:
                keywords = case.get("run", {})
                keywords = dict(keywords() if callable(keywords) else keywords)
                if case.get("observe"):
                    keywords["task_runner_state_handlers"] = [_observer(seen)]
                for name in ("parameters", "context"):
                    if name in case:
                        keywords[name] = dict(case[name])
                with prefect.context(case.get("outer", {})):
                    entry.update(_describe(case["flow"], case["flow"].run(**keywords)))
        except BaseException as error:  # what leaves `flow.run` is part of the behaviour, SystemExit included
            entry["raised"] = type(error).__name__
            frames = traceback.extract_tb(error.__traceback__)
            worded_by_python = isinstance(error, (TypeError, AttributeError))
            if frames and frames[-1].filename == path and not worded_by_python:
                entry["raised"] = normalise(repr(error))
    entry["warnings"] = sorted(w.category.__name__ for w in caught if issubclass(w.category, UserWarning))
    if case.get("observe"):
        entry["transitions"] = seen
    if getattr(module, "SEEN", None):
        entry["seen"] = [normalise(item if isinstance(item, str) else repr(item)) for item in module.SEEN]
        module.SEEN.clear()
    entry["log"] = list(lines)
    lines.clear()
    return entry


def _load(path: Path) -> Any:
    name = f"parity_{path.stem}"  # a flow file may be called like a library module
    specification = importlib.util.spec_from_file_location(name, path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    specification.loader.exec_module(module)
    return module


def _cases(path: Path) -> dict[str, dict[str, Any]]:
    """The cases of a flow file, as far as must be known before they start."""
    known = ("env", "input", "states_only")
    return {name: {k: case[k] for k in known if k in case} for name, case in _load(path).CASES.items()}


def _case(path: Path, name: str, *, observe: bool) -> list[dict[str, Any]]:
    """Run one case in this process, with an observer if told so; what happened in each run."""
    from prefect.utilities.logging import get_logger

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = _load(path)
    case = {**module.CASES[name]}
    if observe:
        case["observe"] = True
    collector = _Collector(str(path))
    logger = get_logger()
    if not case.get("console"):
        for handler in list(logger.handlers):
            logger.removeHandler(handler)
    logger.addHandler(collector)
    return [_run_once(case, str(path), collector.lines, module) for _ in range(case.get("runs", 1))]


def _forked(work: Callable[[], Any], folder: Path, setup: dict[str, Any]) -> tuple[Any, str]:
    """Do ``work`` in a forked process with its own folder, environment and standard streams.

    Returns:
        What ``work`` returned, and its standard output.
    """
    folder.mkdir()
    streams = [folder / "in", folder / "out", folder / "err"]
    result = folder / "result.json"
    streams[0].write_text("".join(f"{line}\n" for line in setup.get("input", [])))
    if (process := os.fork()) == 0:
        try:
            for number, stream in enumerate(streams):
                os.dup2(os.open(stream, os.O_RDWR | os.O_CREAT), number)
            os.environ.update(setup.get("env", {}))
            (folder / "work").mkdir()
            os.chdir(folder / "work")
            result.write_text(json.dumps([os.getcwd(), work()]))
        except BaseException:
            traceback.print_exc()
        finally:
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
            os._exit(0)
    os.waitpid(process, 0)
    if not result.exists():
        raise RuntimeError(f"{folder.name} wrote no result:\n{streams[2].read_text()}")
    cwd, value = json.loads(result.read_text())
    return value, streams[1].read_text().replace(cwd, "<cwd>")


def run_file_here(path: Path, *, observe: bool = False) -> dict[str, dict[str, Any]]:
    """Run every case of a flow file, each in a forked process.

    Cases with environment variables of their own start before ``prefect`` is imported, which reads them; for the
    others it is imported once.
    """
    with tempfile.TemporaryDirectory(prefix="parity-") as temporary:
        folder = Path(temporary)
        cases, _ = _forked(lambda: _cases(path), folder / "cases", {})
        found = {}
        for number, name in enumerate(sorted(cases, key=lambda name: "env" not in cases[name])):
            if "env" not in cases[name]:
                importlib.import_module("prefect").Flow  # noqa: B018
            runs, stdout = _forked(
                lambda name=name: _case(path, name, observe=observe), folder / str(number), cases[name]
            )
            # Frames belong to an implementation; the exception's own line, after them, belongs to the user.
            found[name] = {"runs": runs, "stdout": _TRACEBACK.sub("<traceback>\n", normalise(stdout))}
            if cases[name].get("states_only"):
                found[name]["states_only"] = True
    return {name: found[name] for name in cases}


def run_file(path: Path, *, observe: bool = False) -> dict[str, dict[str, Any]]:
    """What happens when the cases of a flow file run, in fresh processes with an empty home.

    Args:
        path: The flow file.
        observe: Give every run of a flow a runner-level state handler that only watches.

    Returns:
        For each case its ``runs`` and ``stdout``, and ``states_only`` if it has that.

    Raises:
        RuntimeError: A case could not be run at all.
    """
    with tempfile.TemporaryDirectory(prefix="parity-home-") as home:
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT", "PYTHON", "XDG"))}
        environment.update(HOME=home, TZ="UTC", PYTHONUTF8="1", NO_COLOR="1", PREFECT__HOME_DIR=f"{home}/.prefect")
        done = subprocess.run(
            [sys.executable, str(HERE / "record.py"), "--observe" if observe else "--one", str(path)],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=FILE_TIMEOUT_SECONDS,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(f"{path.name} could not be run:\n{done.stderr}")
    found: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return found


def dump(value: Any, depth: int = 0) -> str:
    """JSON with one line for each container that holds no other."""
    items = list(value.values()) if isinstance(value, dict) else value
    if not isinstance(value, (dict, list)) or not any(isinstance(item, (dict, list)) and item for item in items):
        return json.dumps(value, ensure_ascii=False)
    margin = " " * (depth + 1)
    if isinstance(value, dict):
        rows = [f"{margin}{json.dumps(key)}: {dump(item, depth + 1)}" for key, item in value.items()]
        return "{\n" + ",\n".join(rows) + "\n" + " " * depth + "}"
    return "[\n" + ",\n".join(f"{margin}{dump(item, depth + 1)}" for item in value) + "\n" + " " * depth + "]"


def main() -> None:
    """Record the files whose names contain the first argument, or all."""
    if sys.argv[1:2] in (["--one"], ["--observe"]):
        print(json.dumps(run_file_here(Path(sys.argv[2]).resolve(), observe=sys.argv[1] == "--observe")))
        return
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    for path in sorted(FLOWS.glob("*.py")):
        if wanted in path.stem:
            recording = run_file(path)
            (RECORDED / f"{path.stem}.json").write_text(dump(recording) + "\n", encoding="utf-8")
            print(f"{path.stem}: {len(recording)} cases")


if __name__ == "__main__":
    main()
