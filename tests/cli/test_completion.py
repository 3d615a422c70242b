"""``prefect completion``, and what the shell is offered."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from prefect import Flow, Parameter, Task
from prefect.cli.completion import SCRIPTS
from prefect.cli.root import COMMANDS
from prefect.orchestration.flow_runs import create_flow_run
from prefect.orchestration.key_values import set_key_value
from prefect.orchestration.projects import create_project
from prefect.orchestration.registration import register_flow
from prefect.storage.state.store import Store

ROOT = Path(__file__).parent.parent.parent
TWO = "from prefect import Flow, Parameter\nwith Flow('A') as a:\n    Parameter('x')()\nwith Flow('B') as b:\n    Parameter('year', default=1)()\n"


@pytest.fixture
def offered(run_prefect):
    """What is offered for the last word of a command line, with its help."""

    def ask(*words: str) -> dict[str, str]:
        line = " ".join(["prefect", *words])
        done = run_prefect(
            env={"_PREFECT_COMPLETE": "fish_complete", "COMP_WORDS": line, "COMP_CWORD": words[-1] if words else ""}
        )
        assert done.stderr == ""
        lines = [entry.split(",", 1)[1] for entry in done.stdout.splitlines() if entry]
        return dict(entry.split("\t", 1) if "\t" in entry else (entry, "") for entry in lines)

    return ask


@pytest.mark.parametrize("shell", sorted(SCRIPTS))
def test_the_script_is_printed_as_it_is_committed(prefect, shell):
    exit_code, stdout, stderr = prefect("completion", shell)

    assert (exit_code, stderr) == (0, "")
    assert stdout == (ROOT / "completions" / f"prefect.{shell}").read_text(encoding="utf-8"), (
        f"Regenerate it: prefect completion {shell} > completions/prefect.{shell}"
    )


def test_a_shell_must_be_known(prefect):
    exit_code, stdout, stderr = prefect("completion", "tcsh")

    assert (exit_code, stdout) == (2, "")
    assert "'tcsh' is not one of" in stderr


def test_commands_are_offered_with_their_summaries(offered):
    assert offered("") == {word: summary for section in COMMANDS.values() for word, summary in section.items()}
    assert set(offered("get", "flow")) == {"flows", "flow-runs"}


def test_options_are_offered(offered):
    assert set(offered("run", "--pa")) == {"--path", "--param", "--param-file"}


def test_log_levels_are_offered_in_any_case(offered):
    assert set(offered("run", "--log-level", "d")) == set(offered("run", "--log-level", "D")) == {"DEBUG"}


def test_python_files_and_folders_are_offered_as_paths(offered, cwd):
    for name in ("flow.py", "flow.txt", ".hidden.py"):
        (cwd / name).write_text("")
    (cwd / "flows").mkdir()
    (cwd / "flows" / "inner.py").write_text("")

    assert set(offered("run", "--path", "f")) == {"flow.py", "flows/"}
    assert set(offered("run", "-p", "flows/")) == {"flows/inner.py"}


def test_modules_are_offered_without_importing_them(offered, cwd):
    assert "prefect.hello_world" in offered("run", "-m", "prefect.hel")
    assert "prefect" in offered("run", "-m", "prefe")


def test_the_names_of_the_flows_in_a_file_are_offered(offered, cwd):
    (cwd / "two.py").write_text(TWO)

    assert set(offered("run", "-p", "two.py", "--name", "A")) == {"A"}


def test_the_parameters_of_the_chosen_flow_are_offered(offered, cwd):
    (cwd / "two.py").write_text(TWO)

    assert offered("run", "-p", "two.py", "--param", "x") == {"x=": "required"}
    assert offered("run", "-p", "two.py", "-n", "B", "--param", "y") == {"year=": "default 1"}
    assert offered("run", "-p", "two.py", "-n", "A", "--param", "y") == {}
    assert offered("run", "-m", "prefect.hello_world", "--param", "n") == {"name=": "default 'world'"}


@pytest.mark.parametrize(
    "text", ["1 / 0", "x = (", "import sys; sys.exit(3)", "import os; print('noise'); os.write(2, b'noise'); input()"]
)
def test_a_file_that_cannot_be_loaded_offers_nothing_and_says_nothing(offered, cwd, text):
    (cwd / "bad.py").write_text(text)

    assert offered("run", "-p", "bad.py", "--name", "A") == {}


def test_what_a_file_prints_while_it_is_loaded_stays_unseen(offered, cwd):
    (cwd / "two.py").write_text("import os\nprint('noise')\nos.system('echo noise; echo noise >&2')\n" + TWO)

    assert set(offered("run", "-p", "two.py", "--name", "A")) == {"A"}


def test_a_file_that_takes_long_to_load_is_given_up(prefect, in_folder, monkeypatch):
    import click

    from prefect.cli import completion_values

    (in_folder / "slow.py").write_text("while True: pass")
    monkeypatch.setattr(completion_values, "LOAD_SECONDS", 0.01)
    context = click.Context(click.Command("run"))
    context.params = {"path": "slow.py", "module": None}

    assert completion_values.complete_name(context, None, "") == []


# ---- from the store ----------------------------------------------------------------------------------------------------


@pytest.fixture
def ids(home) -> dict[str, str]:
    """The ids of two flows and a run in the store of the home."""
    store = Store(str(home / ".prefect" / "store"), durability="process")
    set_key_value(store, "region", "eu-west-1")
    found = {}
    for project, name in (("demo", "etl"), ("other", "report")):
        flow = Flow(name, tasks=[Task(name="extract")])
        project_id = create_project(store, project, f"Flows of {project}")
        found[name], _ = register_flow(store, flow.serialize(), project_id)
    run, _ = create_flow_run(store, flow_id=found["etl"], name="calm-otter")
    return {**found, "run": run["id"]}


@pytest.mark.parametrize(
    "words", [["run", "--project"], ["get", "flows", "-p"], ["describe", "flows", "-p"], ["delete", "project"]]
)
def test_projects_are_offered_with_what_they_are_for(offered, ids, words):
    assert offered(*words, "d") == {"demo": "Flows of demo"}


@pytest.mark.parametrize(
    "words", [["run", "--name"], ["get", "flows", "-n"], ["get", "flow-runs", "-f"], ["describe", "tasks", "-n"]]
)
def test_names_of_registered_flows_are_offered_with_their_project(offered, ids, words):
    assert offered(*words, "e") == {"etl": "demo"}


def test_only_flows_of_the_project_given_before_are_offered(offered, ids):
    assert offered("get", "flows", "-p", "other", "-n", "r") == {"report": "other"}
    assert offered("run", "--project", "other", "-n", "e") == {}


def test_ids_of_flows_and_runs_are_offered_with_their_names(offered, ids):
    assert offered("run", "--id", ids["etl"][:8]) == {ids["etl"]: "etl in demo"}
    assert offered("get", "logs", "--id", ids["run"][:8]) == {ids["run"]: "calm-otter"}


def test_the_parameters_of_a_registered_flow_are_offered(offered, ids, home):
    store = Store(str(home / ".prefect" / "store"), durability="process")
    flow = Flow("monthly", tasks=[Parameter("year"), Parameter("month", default=1)])
    flow_id, _ = register_flow(store, flow.serialize(), create_project(store, "more"))

    assert offered("run", "--name", "monthly", "--param", "") == {"month=": "default 1", "year=": "required"}
    assert offered("run", "--id", flow_id, "--param", "y") == {"year=": "required"}
    assert offered("run", "--name", "unknown", "--param", "") == {}
    assert offered("run", "--param", "") == {}


def test_names_of_runs_are_offered_with_their_states(offered, ids):
    assert offered("get", "logs", "-n", "c") == {"calm-otter": "Scheduled"}
    assert offered("describe", "flow-runs", "-n", "c") == {"calm-otter": "Scheduled"}


def test_keys_states_formats_and_backends_are_offered(offered, ids):
    assert offered("kv", "get", "r") == {"region": ""}
    assert set(offered("get", "flow-runs", "--state", "f")) == {"Failed", "Finished"}
    assert set(offered("get", "flows", "-o", "j")) == {"json"}
    assert set(offered("backend", "l")) == {"local"}


def test_a_store_that_is_not_there_or_cannot_be_read_offers_nothing_and_says_nothing(offered, home):
    assert offered("run", "--project", "d") == {}
    assert list(home.iterdir()) == []

    (home / ".prefect" / "store" / "projects").mkdir(parents=True)
    (home / ".prefect" / "store" / "store.json").write_text('{"format": 99}')
    assert offered("run", "--project", "d") == {}


def test_a_search_that_takes_long_offers_what_was_found_until_then(monkeypatch):
    from prefect.cli import completion_values

    def found(store: object):
        yield "first", None
        while True:
            pass

    monkeypatch.setattr(completion_values, "STORE_SECONDS", 0.01)

    assert [item.value for item in completion_values._stored(found, "")] == ["first"]


# ---- in a real shell ---------------------------------------------------------------------------------------------------

PROBE = """
source "$SCRIPT"
compopt() { echo "compopt $*"; }
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_prefect_completion prefect
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def bash(cwd):
    """What the committed script offers in bash for the last word of a command line."""

    def ask(*words: str) -> list[str]:
        done = subprocess.run(
            ["bash", "-c", PROBE, "bash", "prefect", *words],
            cwd=cwd,
            env={
                **os.environ,
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                "SCRIPT": str(ROOT / "completions" / "prefect.bash"),
            },
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.stderr == ""
        return done.stdout.splitlines()

    return ask


needs_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")


@needs_bash
def test_bash_completes_commands(bash):
    assert bash("") == [word for section in COMMANDS.values() for word in section]
    assert bash("ver") == ["version"]


@needs_bash
def test_bash_completes_values_after_a_space_and_after_an_equals_sign(bash):
    assert bash("run", "--log-level", "") == ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
    assert bash("run", "--log-level", "=", "cr") == ["CRITICAL"]
    assert bash("run", "--log-level", "=") == ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]


@needs_bash
def test_bash_leaves_the_cursor_at_what_is_only_begun(bash, cwd):
    (cwd / "two.py").write_text(TWO)
    (cwd / "folder").mkdir()

    assert bash("run", "-p", "two.py", "--param", "ye") == ["compopt -o", "nospace", "year="]
    assert bash("run", "-p", "fol") == ["compopt -o", "nospace", "folder/"]


@needs_bash
def test_bash_completes_names_with_spaces(bash, cwd):
    (cwd / "f.py").write_text("from prefect import Flow\nf = Flow('my flow')\n")

    assert bash("run", "-p", "f.py", "-n", "") == ["my flow"]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_the_script_has_no_syntax_error(shell):
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")

    done = subprocess.run([shell, "-n", str(ROOT / "completions" / f"prefect.{shell}")], capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (0, "")


def test_names_come_from_all_files_and_modules_given(offered, cwd):
    (cwd / "flows").mkdir()
    (cwd / "flows" / "two.py").write_text(TWO)

    assert offered("register", "-p", "flows", "-m", "prefect.hello_world", "-n", "") == {
        "A": "",
        "B": "",
        "hello-world": "",
    }
    assert offered("build", "-p", "nope", "-n", "") == {}


def test_json_files_and_folders_are_offered(offered, cwd):
    (cwd / "flows.json").write_text("")
    (cwd / "flow.py").write_text("")
    (cwd / "folder").mkdir()

    assert offered("register", "--json", "f") == {"flows.json": "", "folder/": ""}


def test_the_deprecated_words_are_not_offered(offered):
    assert "flow" not in offered("run", "") | offered("register", "")
    assert "--parameters-string" in offered("run", "flow", "--param")
