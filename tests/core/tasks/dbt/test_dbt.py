"""``DbtShellTask`` runs commands of dbt with a profile that it writes. Source: core.md §21.9.

The program ``dbt`` is a stand-in that says what it was called with; the last tests run the real one where it is installed.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from prefect import Flow
from prefect.engine import signals
from prefect.tasks.dbt import DbtShellTask
from prefect.tasks.shell import ShellTask

DBT = """\
#!/bin/sh
echo "dbt $*"
echo "profiles: ${DBT_PROFILES_DIR-none}"
"""
SQLITE = {"type": "sqlite", "threads": 1}
PROFILE = """\
shop:
  outputs:
    test:
      threads: 1
      type: sqlite
  target: test
"""
OLD = "mine: {}\n"


@pytest.fixture
def user(tmp_path, monkeypatch):
    """Home of a user who has set nothing up."""
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    monkeypatch.delenv("DBT_PROFILES_DIR", raising=False)
    return tmp_path / "user"


@pytest.fixture
def dbt(tmp_path, user, monkeypatch):
    program = tmp_path / "bin" / "dbt"
    program.parent.mkdir()
    program.write_text(DBT)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)


def made(**arguments):
    return DbtShellTask(
        **{"profile_name": "shop", "environment": "test", "dbt_kwargs": SQLITE, "return_all": True, **arguments}
    )


def told(lines):
    """The folder of profiles that dbt was told."""
    return lines[-1].removeprefix("profiles: ")


def test_it_is_a_shell_task():
    task = DbtShellTask(command="dbt run", profile_name="shop", return_all=True, stream_output=True)

    assert isinstance(task, ShellTask)
    assert (task.command, task.return_all, task.stream_output, task.dbt_kwargs) == ("dbt run", True, 20, {})


@pytest.mark.usefixtures("dbt")
class TestCommands:
    def test_dbt_is_run_and_told_the_folder_of_its_profiles(self, tmp_path):
        output = made(profiles_dir=str(tmp_path)).run(command="dbt run --select orders")

        assert output == ["dbt run --select orders", f"profiles: {tmp_path}"]

    def test_the_folder_is_told_to_the_command_alone(self, tmp_path):
        made(profiles_dir=str(tmp_path)).run(command="dbt run")

        assert "DBT_PROFILES_DIR" not in os.environ

    def test_the_folder_is_not_told_if_the_variable_is_not_to_be_set(self, tmp_path):
        output = made(profiles_dir=str(tmp_path), set_profiles_envar=False).run(command="dbt run")

        assert told(output) == "none"

    def test_variables_of_the_task_and_a_helper_script_are_handed_on(self, tmp_path):
        task = made(profiles_dir=str(tmp_path), env={"A": "1"}, helper_script=f"cd {tmp_path}")

        assert task.run(command='echo "$A $PWD"') == [f"1 {tmp_path}"]
        assert task.run(command='echo "$A $PWD"', env={"A": "2"}, helper_script="cd /") == ["2 /"]

    def test_the_last_line_is_returned_unless_all_are_asked_for(self, tmp_path):
        assert made(profiles_dir=str(tmp_path), return_all=False).run(command="dbt run") == f"profiles: {tmp_path}"

    def test_a_command_that_fails_fails_the_task_with_its_output(self, tmp_path):
        with pytest.raises(signals.FAIL, match=r"^Command failed with exit code 2$") as info:
            made(profiles_dir=str(tmp_path)).run(command="dbt run; exit 2")

        assert info.value.state.result == ["dbt run", f"profiles: {tmp_path}"]

    def test_in_a_flow(self, tmp_path):
        with Flow("f") as flow:
            done = made(profiles_dir=str(tmp_path))(command="dbt run", dbt_kwargs={"schema": "a"})

        assert flow.run().result[done].result == ["dbt run", f"profiles: {tmp_path}"]

    def test_a_task_without_a_command_is_refused_when_it_runs(self, tmp_path):
        with pytest.raises(TypeError, match=r"^DbtShellTask has no command to run."):
            made(profiles_dir=str(tmp_path)).run()


@pytest.mark.usefixtures("dbt")
class TestProfile:
    def test_it_is_written_to_the_folder_that_is_given(self, tmp_path):
        made(profiles_dir=str(tmp_path / "a" / "b")).run(command="dbt run")

        assert (tmp_path / "a" / "b" / "profiles.yml").read_text() == PROFILE

    def test_it_is_written_to_the_home_of_the_user_if_none_is_given(self, user):
        output = made().run(command="dbt run")

        assert (told(output), (user / ".dbt" / "profiles.yml").read_text()) == (str(user / ".dbt"), PROFILE)

    @pytest.mark.parametrize("of_task", [True, False])
    def test_it_is_written_to_the_folder_that_the_variable_names(self, user, tmp_path, monkeypatch, of_task):
        variable = {"DBT_PROFILES_DIR": str(tmp_path / "named")}
        if not of_task:
            monkeypatch.setenv("DBT_PROFILES_DIR", str(tmp_path / "named"))

        output = made(env=variable if of_task else None).run(command="dbt run")

        assert (told(output), (tmp_path / "named" / "profiles.yml").read_text()) == (str(tmp_path / "named"), PROFILE)
        assert not (user / ".dbt").exists()

    def test_one_that_is_there_stays(self, tmp_path):
        (tmp_path / "profiles.yml").write_text(OLD)

        output = made(profiles_dir=str(tmp_path)).run(command="dbt run")

        assert (told(output), (tmp_path / "profiles.yml").read_text()) == (str(tmp_path), OLD)

    def test_one_that_is_there_is_replaced_if_it_may_be(self, tmp_path):
        (tmp_path / "profiles.yml").write_text(OLD)

        made(profiles_dir=str(tmp_path), overwrite_profiles=True).run(command="dbt run")

        assert (tmp_path / "profiles.yml").read_text() == PROFILE

    def test_none_is_written_without_its_name(self, tmp_path):
        output = DbtShellTask(profiles_dir=str(tmp_path), overwrite_profiles=True, return_all=True).run(
            command="dbt run"
        )

        assert (told(output), (tmp_path / "profiles.yml").exists()) == (str(tmp_path), False)

    def test_what_the_run_says_of_the_target_comes_before_what_the_task_says(self, tmp_path):
        task = made(profiles_dir=str(tmp_path))

        task.run(command="dbt run", dbt_kwargs={"threads": 4, "schemas": ["a", None], "password": "é: {{ x }}"})

        assert yaml.safe_load((tmp_path / "profiles.yml").read_text())["shop"]["outputs"] == {
            "test": {"type": "sqlite", "threads": 4, "schemas": ["a", None], "password": "é: {{ x }}"}
        }
        assert task.dbt_kwargs == SQLITE

    def test_others_cannot_read_it(self, tmp_path):
        made(profiles_dir=str(tmp_path)).run(command="dbt run")

        assert stat.S_IMODE((tmp_path / "profiles.yml").stat().st_mode) == 0o600

    def test_one_without_a_target_is_refused(self, tmp_path):
        with pytest.raises(ValueError, match=r"^The profile 'shop' has no target\. Give DbtShellTask"):
            made(profiles_dir=str(tmp_path), environment=None).run(command="dbt run")
        assert not (tmp_path / "profiles.yml").exists()

    def test_without_the_library_it_says_which_extra_to_install(self, tmp_path):
        code = (
            "import sys; sys.modules['yaml'] = None\n"
            "from prefect.tasks.dbt import DbtShellTask\n"
            f"task = DbtShellTask('true', profile_name='p', environment='t', profiles_dir={str(tmp_path)!r})\n"
            "try: task.run()\n"
            "except ImportError as error: print(error)"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

        assert (done.stdout, done.stderr) == (
            'DbtShellTask needs the package pyyaml, which is not installed. Run: pip install "praefectus[dbt]"\n',
            "",
        )


def has_dbt():
    """Whether the real program is there, with its adapter for SQLite."""
    if shutil.which("dbt") is None:
        return False
    return "sqlite" in subprocess.run(["dbt", "--version"], capture_output=True, text=True).stdout


@pytest.mark.skipif(not has_dbt(), reason="dbt is not installed with its adapter for SQLite")
class TestRealDbt:
    """dbt wants an environment of its own: put one with ``dbt-core`` and ``dbt-sqlite`` on the PATH to run these."""

    @pytest.fixture
    def project(self, tmp_path, user) -> Path:
        folder = tmp_path / "project"
        (folder / "models").mkdir(parents=True)
        (folder / "dbt_project.yml").write_text("name: shop\nversion: '1.0'\nprofile: shop\n")
        (folder / "models" / "orders.sql").write_text("{{ config(materialized='table') }} select 42 as amount\n")
        return folder

    @pytest.fixture
    def task(self, project) -> DbtShellTask:
        (project / "data").mkdir()
        database = {
            "schema": "main",
            "database": "database",
            "schemas_and_paths": {"main": str(project / "data" / "main.db")},
            "schema_directory": str(project / "data"),
        }
        return made(
            profiles_dir=str(project / "profiles"),
            dbt_kwargs={**SQLITE, **database},
            helper_script=f"cd {project}",
            env={"DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
        )

    def test_models_are_built_with_the_profile(self, task, project):
        output = task.run(command="dbt run")

        with sqlite3.connect(project / "data" / "main.db") as database:
            assert database.execute("select amount from orders").fetchall() == [(42,)]
        database.close()
        assert "Completed successfully" in "\n".join(output)

    def test_a_model_that_is_wrong_fails_the_task(self, task, project):
        (project / "models" / "orders.sql").write_text("select nothing from nowhere\n")

        with pytest.raises(signals.FAIL, match=r"^Command failed with exit code 1$") as info:
            task.run(command="dbt run")
        assert "ERROR=1" in info.value.state.result[-1]
