"""``prefect run`` in shell pipelines, in cron and in CI: what goes where, exit codes, and nobody to ask."""

from __future__ import annotations

import re
import shutil

import pytest
from backend_home import ACTING, BackendHome, assert_explained, assert_no_bug

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")

ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\n")


@pytest.fixture
def registered(backend: BackendHome) -> BackendHome:
    backend.register()
    return backend


def test_a_quiet_run_hands_over_the_id_alone(registered):
    done = registered.shell("prefect run -n acting --quiet | cat")

    assert (done.returncode, done.stderr) == (0, "")
    assert ID.fullmatch(done.stdout)


def test_the_id_can_be_given_to_the_next_command(registered):
    done = registered.shell("prefect run -n acting --quiet --run-name mine | xargs -n 1 prefect get logs --id")

    assert (done.returncode, done.stdout, done.stderr) == (0, "TIMESTAMP  LEVEL  MESSAGE\n", "")


@pytest.mark.parametrize(("how", "code"), [("succeed", 0), ("fail", 1)])
@pytest.mark.parametrize("option", ["--watch", "--execute"])
def test_the_exit_code_tells_whether_the_flow_run_succeeded(registered, how, code, option):
    if option == "--watch":
        registered.start_agent()

    done = registered.prefect("run", "-n", "acting", "--param", f"how={how}", option)

    assert done.returncode == code, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == ("Flow run failed!" if code else "Flow run succeeded!")
    assert_no_bug(done)


def test_a_quiet_watch_keeps_stdout_to_the_id(registered):
    registered.start_agent()

    done = registered.shell("prefect run -n acting --quiet --watch --param how=fail | cat; exit ${PIPESTATUS[0]}")

    assert done.returncode == 1
    assert ID.fullmatch(done.stdout)
    assert "Entered state <Failed>" in done.stderr


def test_a_quiet_execution_keeps_stdout_to_the_id_and_what_tasks_print(registered):
    done = registered.prefect("run", "-n", "acting", "--quiet", "--execute")

    assert done.returncode == 0, done.stderr
    id, *rest = done.stdout.splitlines(keepends=True)
    assert ID.fullmatch(id)
    assert rest == ["acting\n"]


@pytest.mark.parametrize(
    "command",
    [
        "prefect get flow-runs",
        "prefect get flows",
        "prefect run -n acting",
        "prefect run -n acting --watch --param how=succeed",
        "prefect run -n acting --execute",
        "prefect describe flows -n acting",
    ],
)
def test_a_reader_that_takes_one_line_is_no_error_to_talk_about(registered, command):
    if "--watch" in command:
        registered.start_agent()

    done = registered.shell(f"{command} | head -1; exit ${{PIPESTATUS[0]}}")

    assert done.returncode in (0, 141)
    assert len(done.stdout.splitlines()) == 1
    assert_no_bug(done)
    assert "Broken pipe" not in done.stderr


@pytest.mark.parametrize("last", ["Creating run", "Executing", "^talking"])
def test_a_run_whose_executor_lost_its_reader_has_failed(registered, last):
    done = registered.shell(
        f"prefect run -n acting --execute --param how=talk | sed '/{last}/q'; exit ${{PIPESTATUS[0]}}"
    )

    assert done.returncode == 141
    assert list(registered.listed().values()) == ["Failed"]


@pytest.mark.parametrize("ending", ["</dev/null", "<&-", "<&- >/dev/null 2>&1"])
def test_nobody_is_asked_where_nobody_can_answer(registered, ending):
    for command in (
        "prefect run -n acting --execute",
        "prefect run -n acting -q",
        "prefect get flow-runs",
        "prefect delete project nope",
    ):
        done = registered.shell(f"{command} {ending}", CI="true")

        assert_no_bug(done)
        assert done.returncode == (3 if "delete" in command else 0), done.stderr


def test_with_ci_set_an_agent_executes_and_a_watcher_ends(registered):
    registered.start_agent(CI="true")

    done = registered.prefect("run", "-n", "acting", "--watch", CI="true")

    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout


def test_all_standard_streams_may_be_closed(registered):
    done = registered.shell("prefect run -n acting --execute <&- >&- 2>&-")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert registered.state_of(next(registered.store.runs.newest_ids())) == "Success"


def test_a_users_mistake_in_a_pipe_goes_to_stderr(registered):
    done = registered.shell("prefect run -n actin --quiet | cat; exit ${PIPESTATUS[0]}")

    assert done.stdout == ""
    assert_explained(done, 3, "Did you mean 'acting'?")


def test_two_flows_may_run_each_other_from_a_script(backend):
    backend.register(ACTING.replace('"acting"', '"first"'), "first.py")
    backend.register(ACTING.replace('"acting"', '"second"'), "second.py")

    done = backend.shell(
        "set -e; prefect run -n first --execute --no-logs && prefect run -n second --execute --no-logs"
        " || echo never; prefect run -n first --execute -q --no-logs --param how=fail || echo failed with $?"
    )

    assert done.stdout.splitlines()[-1] == "failed with 1"
    assert "never" not in done.stdout
