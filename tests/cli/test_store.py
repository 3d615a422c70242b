"""``prefect store``."""

from __future__ import annotations

import os

import pytest

from prefect.cli.store import store as group

MARKER = "active/018f86c9-d443-7c3e-9d02-6f1b2a400000"


@pytest.fixture(autouse=True)
def local(store, monkeypatch):
    """The store of these tests is the one of this user."""
    monkeypatch.setattr("prefect.orchestration.opening.local_store", lambda: store)
    return store


@pytest.fixture
def on_a_terminal(monkeypatch):
    monkeypatch.setattr("prefect.cli.store._is_on_a_terminal", lambda: True)


def a_run(store, **fields):
    run, _ = store.runs.create(
        {"name": "fast-otter", "flow_id": "5f2c1a70-93b1-4c3e-8d02-6f1b2a400000", "labels": [], "due": None,
         "flow_group_id": "9b1d4c6e-0f3a-4a57-9c8e-2d7b6a5f4e3c", "state": {"type": "Success"}, **fields}
    )  # fmt: skip
    return run


# ---- path ------------------------------------------------------------------------------------------------------------


def test_the_path_is_printed_and_nothing_is_made(prefect, store):
    assert prefect("store", "path") == (0, f"{store.root}\n", "")
    assert not os.path.exists(store.root)


def test_the_path_is_below_the_home_folder(run_prefect, home):
    done = run_prefect("store", "path", env={"PREFECT__HOME_DIR": str(home / "x"), "PREFECT__BACKEND": "server"})

    assert (done.returncode, done.stdout, done.stderr) == (0, f"{home}/x/store\n", "")
    assert list(home.iterdir()) == []


# ---- check -----------------------------------------------------------------------------------------------------------


def test_where_there_is_no_store_the_check_says_so(prefect, store):
    assert prefect("store", "check") == (0, f"There is no store at {store.root} yet.\n", "")


def test_a_store_in_order_gets_one_line(prefect, store):
    a_run(store)

    assert prefect("store", "check") == (0, f"The store at {store.root} is in order.\n", "")


def test_a_finding_is_a_line_and_the_exit_code_is_5(prefect, store):
    store.files.mark(f"{store.root}/{MARKER}", durable=False)

    assert prefect("store", "check") == (
        5,
        f"warning: {MARKER}: There is no flow run of this id.\n1 finding in the store at {store.root}.\n",
        "Mend what can be mended with 'prefect store check --repair'.\n",
    )


def test_what_is_repaired_is_said_and_the_exit_code_is_0(prefect, store):
    store.files.mark(f"{store.root}/{MARKER}", durable=False)

    assert prefect("store", "check", "--repair") == (
        0,
        f"warning: {MARKER}: There is no flow run of this id. Repaired.\n"
        f"1 finding in the store at {store.root}, 1 repaired.\n",
        "",
    )
    assert prefect("store", "check").exit_code == 0


def test_what_is_not_repaired_makes_the_exit_code_5(prefect, store):
    store.files.mark(f"{store.root}/{MARKER}", durable=False)
    store.files.append_stream(f"{store.root}/notes.txt", b"x")

    exit_code, stdout, stderr = prefect("store", "check", "--repair")

    assert (exit_code, stderr) == (5, "")
    assert stdout.splitlines()[1:] == [
        "warning: notes.txt: The store has no file or folder of such a name; it is left alone.",
        f"2 findings in the store at {store.root}, 1 repaired.",
    ]


def test_a_name_that_would_break_the_line_is_escaped(prefect, store):
    a_run(store)
    with open(os.fsencode(store.root) + b"/a\nb\xff\xc3\xa9", "wb"):
        os.chmod(os.fsencode(store.root) + b"/a\nb\xff\xc3\xa9", 0o600)

    assert prefect("store", "check").stdout.startswith("warning: a\\nb\\udcffé: The store has no file")


def test_findings_are_coloured_by_severity(prefect, store):
    run = a_run(store)
    os.unlink(store.layout.named("fast-otter") + run["id"])
    store.files.mark(f"{store.root}/{MARKER}", durable=False)

    stdout = prefect("store", "check", env={"FORCE_COLOR": "1", "TERM": "xterm"}).stdout

    assert "\x1b[31merror\x1b[0m: names/" in stdout
    assert "\x1b[33mwarning\x1b[0m: active/" in stdout


def test_a_store_of_a_newer_version_is_an_error(run_prefect, home):
    folder = home / ".prefect" / "store"
    folder.mkdir(parents=True, mode=0o700)
    (folder / "store.json").write_text('{"format": 2}\n')

    done = run_prefect("store", "check", "--repair")

    assert (done.returncode, done.stdout) == (5, "")
    assert done.stderr == (
        f"The file {folder}/store.json has format 2, and this version knows formats up to 1."
        " Install the version that wrote it, or a newer one.\n"
    )


# ---- prune -----------------------------------------------------------------------------------------------------------


def test_old_runs_are_deleted_and_counted(prefect, store, clock):
    a_run(store)
    waiting = a_run(store, due="2099-01-01T00:00:00.000000+00:00")
    clock.pass_time(days=31)
    new = a_run(store)

    exit_code, stdout, stderr = prefect("store", "prune", "--older-than", "30d")

    assert (exit_code, stderr) == (0, "")
    assert stdout == "Deleted 1 flow run last changed before 2024-05-18 12:00:30 UTC.\n"
    assert {run["id"] for run in store.runs.newest()} == {waiting["id"], new["id"]}


@pytest.mark.parametrize(
    ("duration", "count"), [("10079m", 2), ("10081m", 1), ("167h", 2), ("169h", 1), ("7d", 1), ("1w", 1), ("2w", 1), ("3w", 0)]
)  # fmt: skip
def test_durations_have_a_unit(prefect, store, clock, duration, count):
    a_run(store)
    clock.pass_time(days=8)
    a_run(store)
    clock.pass_time(days=7)

    stdout = prefect("store", "prune", "--older-than", duration, "--dry-run").stdout

    assert int(stdout.split(" ")[0]) == count


@pytest.mark.parametrize("duration", ["", "30", "d", "-3d", "1.5d", "3y", "3 d", "3D", "999999w", "٣d"])
def test_what_is_no_duration_is_a_usage_error(prefect, duration):
    exit_code, stdout, stderr = prefect("store", "prune", "--older-than", duration)

    assert (exit_code, stdout) == (2, "")
    assert stderr.splitlines()[-1] == (
        f"Error: Invalid value for '--older-than': {duration!r} is no duration."
        " Give minutes, hours, days or weeks: 90m, 12h, 30d, 2w."
    )


def test_the_longest_duration_is_within_the_calendar(prefect):
    assert prefect("store", "prune", "--older-than", "99999w").exit_code == 0


def test_a_run_that_is_paused_stays(prefect, store, clock):
    paused = a_run(store, state={"type": "Paused", "start_time": None})
    clock.pass_time(days=40)

    assert prefect("store", "prune", "--older-than", "30d").stdout.startswith("Deleted 0 flow runs")
    assert store.runs.get(paused["id"]) == paused


def test_a_dry_run_deletes_nothing(prefect, store, clock):
    a_run(store)
    clock.pass_time(days=2)

    assert prefect("store", "prune", "--older-than", "1d", "--dry-run") == (
        0, "1 flow run last changed before 2024-05-18 12:00:30 UTC would be deleted.\n", "",
    )  # fmt: skip
    assert sum(1 for _ in store.runs.newest()) == 1


@pytest.mark.parametrize(("answer", "left"), [("y\n", 0), ("n\n", 1), ("\n", 1), ("", 1)])
def test_on_a_terminal_it_is_asked_whether_that_is_meant(prefect, store, clock, on_a_terminal, answer, left):
    a_run(store)
    clock.pass_time(days=2)

    exit_code, stdout, stderr = prefect("store", "prune", "--older-than", "1d", stdin=answer)

    assert exit_code == left
    assert "Delete 1 flow run last changed before 2024-05-18 12:00:30 UTC? There is no way back. [y/N]: " in stderr
    assert stdout.endswith("" if left else "Deleted 1 flow run last changed before 2024-05-18 12:00:30 UTC.\n")
    assert sum(1 for _ in store.runs.newest()) == left


@pytest.mark.parametrize("option", ["--yes", "-y"])
def test_who_says_yes_is_not_asked(prefect, store, clock, on_a_terminal, option):
    a_run(store)
    clock.pass_time(days=2)

    exit_code, stdout, stderr = prefect("store", "prune", "--older-than", "1d", option, stdin="")

    assert (exit_code, stderr) == (0, "")
    assert stdout == "Deleted 1 flow run last changed before 2024-05-18 12:00:30 UTC.\n"


def test_where_nothing_is_old_nothing_is_asked(prefect, on_a_terminal):
    assert prefect("store", "prune", "--older-than", "1d", stdin="").stdout.startswith("Deleted 0 flow runs ")


def test_every_command_below_explains_itself_with_an_example(prefect):
    for word in group.commands:
        assert "Example" in prefect("store", word, "--help").stdout
