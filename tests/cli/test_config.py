"""``prefect config``."""

from __future__ import annotations

import json

from prefect.cli.config import masked


def test_the_configuration_is_one_line_of_json(prefect):
    exit_code, stdout, stderr = prefect("config")

    assert (exit_code, stderr, stdout.count("\n")) == (0, "", 1)
    assert set(json.loads(stdout)) >= {
        "debug", "home_dir", "backend", "server", "cloud", "logging", "flows", "tasks", "engine",
    }  # fmt: skip


def test_secrets_that_are_set_are_shown_as_asterisks(run_prefect):
    done = run_prefect(
        "config",
        env={
            "PREFECT__CONTEXT__SECRETS__MINE": "swordfish",
            "PREFECT__CLOUD__API_KEY": "swordfish",
            "PREFECT__MY_SECTION__DB_PASSWORD": "swordfish",
        },
    )

    settings = json.loads(done.stdout)
    assert "swordfish" not in done.stdout
    assert settings["context"]["secrets"] == {"MINE": "********"}
    assert settings["cloud"]["api_key"] == "********"
    assert settings["my_section"]["db_password"] == "********"
    assert settings["cloud"]["agent"]["auth_token"] == ""


def test_a_secret_with_a_structure_is_masked_as_a_whole():
    assert masked({"context": {"secrets": {"aws": {"id": 1, "key": "x"}}, "secrets_of": 1}}) == {
        "context": {"secrets": {"aws": {"id": "********", "key": "********"}}, "secrets_of": 1}
    }


def test_origins_say_where_each_value_comes_from(run_prefect, home):
    (home / ".prefect").mkdir()
    (home / ".prefect" / "config.toml").write_text("[logging]\ndatefmt = '%H'\n[mine]\nlist = [1]\n")

    done = run_prefect("config", "--origins", env={"PREFECT__LOGGING__LEVEL": "DEBUG"})

    lines = done.stdout.splitlines()
    assert done.returncode == 0
    assert 'logging.level = "DEBUG"  (PREFECT__LOGGING__LEVEL)' in lines
    assert f'logging.datefmt = "%H"  ({home}/.prefect/config.toml)' in lines
    assert f"mine.list = [1]  ({home}/.prefect/config.toml)" in lines
    assert 'backend = "local"  (default)' in lines


def test_a_broken_file_is_named_in_one_line(run_prefect, tmp_path):
    file = tmp_path / "broken.toml"
    file.write_text("x = ")

    done = run_prefect("config", env={"PREFECT__USER_CONFIG_PATH": str(file)})

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"The configuration file {file} is not valid TOML: ")
    assert len(done.stderr.splitlines()) == 1


def test_looking_at_the_configuration_creates_nothing(run_prefect, home):
    run_prefect("config", "--origins")

    assert list(home.iterdir()) == []
