"""Functions that get a process of their own because of their timeout. Source: core.md §8.4."""

from __future__ import annotations

import ctypes
import logging
import os
import select
import signal
import subprocess
import sys
import threading
import types
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from prefect import context
from prefect.engine import signals
from prefect.exceptions import TaskTimeoutSignal
from prefect.utilities import _timeout_process
from prefect.utilities.configuration import set_temporary_config
from prefect.utilities.executors import (
    run_with_multiprocess_timeout,
)
from prefect.utilities.logging import get_logger, redirected_stdout

#: Seconds that are enough on any machine.
LONG = 60


def run_script(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    script = folder / "script.py"
    script.write_text(text)
    return subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=LONG)


class Lifeline:
    """Tells whether all processes that have opened ``path`` for writing are gone."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)
        os.mkfifo(path)
        self._reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)

    def next_line(self) -> bytes:
        """Return what was written next; nothing once all writers are gone."""
        readable, _, _ = select.select([self._reader], [], [], LONG)
        assert readable, "nobody wrote, and somebody still could"
        return os.read(self._reader, 100)

    def close(self) -> None:
        os.close(self._reader)


@pytest.fixture
def lifeline(tmp_path: Path) -> Iterator[Lifeline]:
    lifeline = Lifeline(tmp_path / "lifeline")
    yield lifeline
    lifeline.close()


# ---- what a process of its own returns -------------------------------------------------------------------------------


def test_instances_of_local_classes_keep_their_class():
    class Point:
        def __init__(self, x: int) -> None:
            self.x = x

    point = run_with_multiprocess_timeout(lambda: Point(3), timeout=LONG)

    assert type(point) is Point
    assert point.x == 3


def test_any_number_of_threads_may_call_at_once():
    def square(x: int) -> tuple[int, int]:
        return x * x, os.getpid()

    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(lambda x: run_with_multiprocess_timeout(square, (x,), timeout=LONG), range(6)))

    assert [value for value, _ in results] == [0, 1, 4, 9, 16, 25]
    assert len({pid for _, pid in results}) == 6


def test_values_may_be_large():
    assert run_with_multiprocess_timeout(lambda text: text * 2, ("x" * 3_000_000,), timeout=LONG) == "x" * 6_000_000


def test_a_value_that_cannot_be_pickled_is_an_error_that_names_its_type():
    with pytest.raises(RuntimeError) as caught:
        run_with_multiprocess_timeout(threading.Lock, timeout=LONG, name="Task 'lock'")

    assert str(caught.value) == (
        "Task 'lock' returned a value of type 'lock', which cannot leave the process that its timeout needs in a"
        " thread: TypeError(\"cannot pickle '_thread.lock' object\"). Return something that can be pickled, or run the"
        " flow without threads."
    )


def test_a_value_that_cannot_be_unpickled_is_an_error():
    class Odd:
        def __reduce__(self) -> Any:
            return int, ("odd",)

    with pytest.raises(RuntimeError) as caught:
        run_with_multiprocess_timeout(Odd, timeout=LONG, name="Task 'odd'")

    assert str(caught.value) == (
        "Task 'odd' returned a value that cannot be unpickled: ValueError(\"invalid literal for int() with base 10:"
        " 'odd'\"). Return something that can be."
    )


def test_an_input_that_cannot_be_pickled_is_an_error():
    with pytest.raises(RuntimeError) as caught:
        run_with_multiprocess_timeout(id, (threading.Lock(),), timeout=LONG, name="Task 'id'")

    assert str(caught.value) == (
        "Task 'id' cannot be sent to the process that its timeout needs in a thread: TypeError(\"cannot pickle"
        " '_thread.lock' object\"). Use inputs and globals that can be pickled, or run the flow without threads."
    )


def test_a_function_that_cannot_be_imported_there_is_an_error(monkeypatch: pytest.MonkeyPatch):
    module = types.ModuleType("only_here")
    module.__spec__ = types.SimpleNamespace()  # type: ignore[assignment]
    exec("def function(): pass", module.__dict__)
    monkeypatch.setitem(sys.modules, "only_here", module)

    with pytest.raises(RuntimeError) as caught:
        run_with_multiprocess_timeout(module.function, timeout=LONG, name="Task 'far'")

    assert str(caught.value) == (
        "Task 'far' cannot be loaded in the process that its timeout needs in a thread: ModuleNotFoundError(\"No module"
        " named 'only_here'\"). Import what it needs from modules that are installed or beside the flow file."
    )


# ---- what it raises --------------------------------------------------------------------------------------------------


def test_exceptions_are_raised_with_their_traceback_as_the_cause():
    def divide() -> float:
        return 1 / 0

    with pytest.raises(ZeroDivisionError, match=r"^division by zero$") as caught:
        run_with_multiprocess_timeout(divide, timeout=LONG)

    lines = str(caught.value.__cause__).strip().splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[1] == f'  File "{__file__}", line {divide.__code__.co_firstlineno + 1}, in divide'
    assert lines[2] == "    return 1 / 0"
    assert lines[-1] == "ZeroDivisionError: division by zero"


def test_signals_are_raised_with_their_state():
    def skip() -> None:
        raise signals.SKIP("not today", result=5)

    with pytest.raises(signals.SKIP) as caught:
        run_with_multiprocess_timeout(skip, timeout=LONG)

    assert caught.value.state.message == "not today"
    assert caught.value.state.result == 5


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt])
def test_exits_and_interrupts_are_raised_too(kind: type[BaseException]):
    def leave() -> None:
        raise kind(4)

    with pytest.raises(kind) as caught:
        run_with_multiprocess_timeout(leave, timeout=LONG)
    assert caught.value.args == (4,)


def test_an_exception_that_pickle_cannot_rebuild_keeps_class_and_attributes():
    class Refused(Exception):
        def __init__(self, host: str, port: int) -> None:
            super().__init__(f"{host}:{port}")
            self.port = port

    def refuse() -> None:
        raise Refused("db", 5432)

    with pytest.raises(Refused, match=r"^db:5432$") as caught:
        run_with_multiprocess_timeout(refuse, timeout=LONG)
    assert caught.value.port == 5432


def test_an_exception_that_cannot_be_pickled_is_described():
    def fail() -> None:
        error = ValueError("bad")
        error.lock = threading.Lock()  # type: ignore[attr-defined]
        raise error

    with pytest.raises(RuntimeError) as caught:
        run_with_multiprocess_timeout(fail, timeout=LONG, name="Task 'fail'")

    assert str(caught.value) == (
        "Task 'fail' raised ValueError('bad'), which cannot leave the process that its timeout needs in a thread."
        " Raise something that can be pickled, or run the flow without threads."
    )


@pytest.mark.parametrize(
    ("die", "how"),
    [
        (lambda: os._exit(3), "ended with exit code 3"),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "was ended by SIGKILL"),
    ],
)
def test_a_process_that_dies_is_an_error(die: Callable[[], None], how: str):
    with pytest.raises(RuntimeError) as caught:
        run_with_multiprocess_timeout(die, timeout=LONG, name="Task 'die'")

    assert str(caught.value) == (
        f"Task 'die': the process that runs it because of its timeout {how} before it returned. Look for os._exit, a"
        " crash in an extension module, or too little memory."
    )


# ---- how it ends -----------------------------------------------------------------------------------------------------


def test_no_process_is_left_after_a_call():
    pid = run_with_multiprocess_timeout(os.getpid, timeout=LONG)

    with pytest.raises(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def test_threads_that_the_function_leaves_behind_end_with_its_process(
    lifeline: Lifeline, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(_timeout_process, "_GRACE_SECONDS", 0.1)
    path = lifeline.path

    def leave_a_thread() -> str:
        held = open(path, "w")  # noqa: SIM115 - closed by the end of the process
        threading.Thread(target=lambda: held.write("") or threading.Event().wait()).start()
        return "done"

    assert run_with_multiprocess_timeout(leave_a_thread, timeout=LONG) == "done"
    assert lifeline.next_line() == b""


def test_a_timeout_ends_what_the_function_has_started(lifeline: Lifeline):
    path = lifeline.path

    def start_another() -> None:
        with open(path, "w") as held:
            subprocess.run([sys.executable, "-c", "import signal; signal.pause()"], stdout=held)

    with pytest.raises(TaskTimeoutSignal):
        run_with_multiprocess_timeout(start_another, timeout=0.5)
    assert lifeline.next_line() == b""


def test_a_timeout_ends_a_function_that_does_not_want_to(lifeline: Lifeline, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(_timeout_process, "_GRACE_SECONDS", 0.1)
    path = lifeline.path

    def resist() -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        with open(path, "w") as held:
            held.write(str(os.getpid()))
            held.flush()
            while True:
                signal.pause()

    with pytest.raises(TaskTimeoutSignal):
        run_with_multiprocess_timeout(resist, timeout=0.5)

    pid = int(lifeline.next_line())
    assert lifeline.next_line() == b""
    with pytest.raises(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def test_an_interrupted_thread_ends_the_process_it_waits_for(lifeline: Lifeline):
    path = lifeline.path
    ended: list[str] = []

    def stuck() -> None:
        with open(path, "w") as held:
            held.write("begun")
            held.flush()
            signal.pause()

    def wait() -> None:
        try:
            run_with_multiprocess_timeout(stuck, timeout=LONG)
        except KeyboardInterrupt:
            ended.append("interrupted")

    thread = threading.Thread(target=wait)
    thread.start()
    assert lifeline.next_line() == b"begun"
    assert thread.ident is not None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(KeyboardInterrupt))
    thread.join(LONG)

    assert ended == ["interrupted"]
    assert lifeline.next_line() == b""


def test_the_process_ends_with_the_one_that_started_it(lifeline: Lifeline, tmp_path: Path):
    script = tmp_path / "script.py"
    script.write_text(
        "import signal, sys\n"
        "from prefect.utilities.executors import run_with_multiprocess_timeout\n"
        "def stuck(path):\n"
        "    with open(path, 'w') as held:\n"
        "        held.write('begun')\n"
        "        held.flush()\n"
        "        signal.pause()\n"
        "run_with_multiprocess_timeout(stuck, (sys.argv[1],), timeout=60)\n"
    )
    with subprocess.Popen([sys.executable, script, lifeline.path]) as parent:
        assert lifeline.next_line() == b"begun"
        parent.kill()

    assert lifeline.next_line() == b""


# ---- what it sees ----------------------------------------------------------------------------------------------------


def test_it_sees_the_context_that_can_be_pickled():
    def look() -> tuple[Any, ...]:
        return context.parameters, context.get("lock"), context.logger.name

    with context(parameters={"x": 1}, lock=threading.Lock(), logger=get_logger("load[0]")):
        assert run_with_multiprocess_timeout(look, timeout=LONG) == ({"x": 1}, None, "prefect.load[0]")


def test_what_it_does_to_the_context_stays_there():
    def change() -> None:
        context.parameters["x"] = 2
        context.update(new=1)

    with context(parameters={"x": 1}):
        run_with_multiprocess_timeout(change, timeout=LONG)
        assert (context.parameters, context.get("new")) == ({"x": 1}, None)


def test_it_sees_the_configuration_as_it_is_now():
    def look() -> tuple[Any, ...]:
        from prefect.configuration import config

        return config.flows.checkpointing, context.config.flows.checkpointing

    with set_temporary_config({"flows.checkpointing": "now"}):
        assert run_with_multiprocess_timeout(look, timeout=LONG) == ("now", "now")


def test_it_sees_the_folder_the_arguments_and_the_import_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "beside.py").write_text("value = 5")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["flow.py", "--fast"])
    monkeypatch.syspath_prepend(tmp_path)

    def look() -> tuple[Any, ...]:
        import beside

        return os.getcwd(), sys.argv, beside.value

    assert run_with_multiprocess_timeout(look, timeout=LONG) == (str(tmp_path), ["flow.py", "--fast"], 5)


def test_a_script_is_not_run_again_for_its_functions(tmp_path: Path):
    result = run_script(
        tmp_path,
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from prefect.utilities.executors import run_with_multiprocess_timeout as run\n"
        "print('top')\n"
        "class Seen(Exception): pass\n"
        "def helper(x): return x + 1\n"
        "def function(x):\n"
        "    print('function')\n"
        "    raise Seen(helper(x))\n"
        "try:\n"
        "    ThreadPoolExecutor(1).submit(run, function, (1,), timeout=60).result()\n"
        "except Seen as exc:\n"
        "    print(repr(exc))\n",
    )

    assert (result.stdout, result.stderr) == ("top\nfunction\nSeen(2)\n", "")


def test_a_function_may_use_the_package_and_the_context_as_globals(tmp_path: Path):
    result = run_script(
        tmp_path,
        "import prefect\n"
        "from prefect import context\n"
        "from prefect.utilities.executors import run_with_multiprocess_timeout\n"
        "def function():\n"
        "    return prefect.context.x, context.x\n"
        "with context(x=1):\n"
        "    print(run_with_multiprocess_timeout(function, timeout=60))\n",
    )

    assert (result.stdout, result.stderr) == ("(1, 1)\n", "")


def test_functions_of_a_file_that_was_executed_under_another_name_will_do(monkeypatch: pytest.MonkeyPatch):
    module = types.ModuleType("<flow>")
    exec("def helper(): return 4\ndef function(): return helper()", module.__dict__)
    monkeypatch.setitem(sys.modules, "<flow>", module)

    assert run_with_multiprocess_timeout(module.function, timeout=LONG) == 4


# ---- what it prints and logs -----------------------------------------------------------------------------------------


def test_its_log_records_are_handled_here(caplog: pytest.LogCaptureFixture):
    def log() -> None:
        get_logger("load").info("%d rows", 3)
        get_logger("load").debug("not wanted")
        try:
            raise OSError("no disk")
        except OSError:
            logging.getLogger("elsewhere").exception("oh")

    with caplog.at_level(logging.INFO, "prefect"), context(task_slug="load-1"):
        run_with_multiprocess_timeout(log, timeout=LONG)

    rows, oh = caplog.records
    assert (rows.name, rows.levelname, rows.getMessage()) == ("prefect.load", "INFO", "3 rows")
    assert rows.task_slug == "load-1"  # type: ignore[attr-defined]
    assert (oh.name, oh.levelname, oh.getMessage()) == ("elsewhere", "ERROR", "oh")
    assert oh.exc_text is not None
    assert oh.exc_text.splitlines()[-1] == "OSError: no disk"


def test_its_prints_and_log_lines_go_to_stdout_in_order(tmp_path: Path):
    result = run_script(
        tmp_path,
        "import os\n"
        "os.environ['PREFECT__LOGGING__FORMAT'] = '%(name)s %(message)s'\n"
        "from prefect import context\n"
        "from prefect.utilities.executors import run_with_multiprocess_timeout\n"
        "from prefect.utilities.logging import get_logger\n"
        "def function():\n"
        "    print('first')\n"
        "    get_logger('load').info('second')\n"
        "print('zeroth')\n"
        "run_with_multiprocess_timeout(function, timeout=60)\n"
        "print('third')\n",
    )

    assert (result.stdout, result.stderr) == ("zeroth\nfirst\nprefect.load second\nthird\n", "")


def test_its_prints_are_logged_where_prints_are_logged(caplog: pytest.LogCaptureFixture):
    def talk() -> None:
        print("a", "b")
        print("c")

    with caplog.at_level(logging.INFO, "prefect"), redirected_stdout():
        run_with_multiprocess_timeout(talk, timeout=LONG)

    assert [(record.name, record.getMessage()) for record in caplog.records] == [
        ("prefect.TaskRunner", "a b"),
        ("prefect.TaskRunner", "c"),
    ]


def test_it_prints_to_whatever_stdout_is(capsys: pytest.CaptureFixture[str]):
    run_with_multiprocess_timeout(lambda: print("hello"), timeout=LONG)

    assert capsys.readouterr().out == "hello\n"
