"""``prefect.config``. Source: core.md §17; cli.md §1.4; DESIGN decisions 1, 2 and 15."""

from __future__ import annotations

import ast
import os
import pickle
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

import prefect
from prefect.config_defaults import DEFAULTS
from prefect.config_file import InvalidConfigurationError, read_toml
from prefect.configuration import (
    Config,
    backend_config_path,
    create_user_config,
    default_home_dir,
    load_configuration,
    load_default_config,
    origins,
    to_environment_variables,
    user_config_path,
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home in which nothing is configured."""
    for name in [name for name in os.environ if name.startswith(("PREFECT__", "XDG_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def loaded_from(home: Path, text: str) -> Config:
    write(home / ".prefect" / "config.toml", text)
    return load_default_config()


# Where values come from


def test_without_files_or_variables_every_value_is_the_default(home: Path):
    config = load_default_config()

    assert config.backend == "local"
    assert config.server.endpoint == "http://localhost:4200"
    assert config.server.ui.endpoint == "http://localhost:8080"
    assert config.logging.to_dict() == {
        "level": "INFO",
        "format": "[%(asctime)s] %(levelname)s - %(name)s | %(message)s",
        "log_attributes": [],
        "datefmt": "%Y-%m-%d %H:%M:%S%z",
        "extra_loggers": [],
    }
    assert config.tasks.to_dict() == {"defaults": {"max_retries": 0, "retry_delay": None, "timeout": None}}
    assert config.engine.executor.default_class == "prefect.executors.LocalExecutor"


def test_nobody_is_told_anything_by_default(home: Path):
    assert load_default_config().server.telemetry.enabled is False


def test_the_sections_stand_in_the_order_of_1x(home: Path):
    sections = ["debug", "home_dir", "backend", "server", "cloud", "logging", "flows", "tasks", "engine"]

    assert list(load_default_config()) == sections


def test_the_users_file_wins_over_the_defaults(home: Path):
    config = loaded_from(home, 'debug = true\n[logging]\nlevel = "DEBUG"\n')

    assert (config.debug, config.logging.level, config.logging.datefmt) == (True, "DEBUG", "%Y-%m-%d %H:%M:%S%z")


def test_the_backend_file_wins_over_the_users_file(home: Path):
    write(home / ".prefect" / "backend.toml", 'backend = "cloud"\n')

    assert loaded_from(home, 'backend = "server"\n').backend == "cloud"


def test_an_environment_variable_wins_over_every_file(home: Path, monkeypatch: pytest.MonkeyPatch):
    write(home / ".prefect" / "backend.toml", 'backend = "cloud"\n')
    monkeypatch.setenv("PREFECT__BACKEND", "local")

    assert loaded_from(home, 'backend = "server"\n').backend == "local"


def test_variables_name_other_files(home: Path, monkeypatch: pytest.MonkeyPatch):
    write(home / "mine.toml", "[context]\ncolour = 'red'\n")
    write(home / "chosen.toml", 'backend = "server"\n')
    monkeypatch.setenv("PREFECT__USER_CONFIG_PATH", "~/mine.toml")
    monkeypatch.setenv("PREFECT__BACKEND_CONFIG_PATH", "$HOME/chosen.toml")

    config = load_default_config()

    assert (config.context.colour, config.backend) == ("red", "server")
    assert backend_config_path() == str(home / "chosen.toml")


def test_a_file_that_does_not_exist_is_no_error(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PREFECT__USER_CONFIG_PATH", str(home / "missing.toml"))

    assert load_default_config().debug is False


@pytest.mark.parametrize("place", ["variable", "file"])
def test_the_backend_file_is_read_in_the_home_that_is_configured(
    home: Path, monkeypatch: pytest.MonkeyPatch, place: str
):
    write(home / "elsewhere" / "backend.toml", 'backend = "server"\n')
    if place == "variable":
        monkeypatch.setenv("PREFECT__HOME_DIR", "~/elsewhere")
    else:
        write(home / ".prefect" / "config.toml", 'home_dir = "~/elsewhere"\n')

    assert load_default_config().backend == "server"
    assert backend_config_path() == str(home / "elsewhere" / "backend.toml")


def test_a_relative_home_is_one_of_the_folder_in_which_it_was_configured(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(home)
    monkeypatch.setenv("PREFECT__HOME_DIR", "elsewhere")

    assert load_default_config().home_dir == str(home / "elsewhere")


def test_an_empty_home_is_none(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(home)
    monkeypatch.setenv("PREFECT__HOME_DIR", "")

    assert load_default_config().home_dir == default_home_dir()
    assert backend_config_path() == f"{default_home_dir()}/backend.toml"


def test_a_home_may_look_like_a_number(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(home)
    monkeypatch.setenv("PREFECT__HOME_DIR", "5")

    assert load_default_config().home_dir == str(home / "5")


def test_origins_say_where_each_value_comes_from(home: Path, monkeypatch: pytest.MonkeyPatch):
    user_file = write(home / ".prefect" / "config.toml", "[flows]\ncheckpointing = true\n")
    backend_file = write(home / ".prefect" / "backend.toml", 'backend = "server"\n')
    monkeypatch.setenv("PREFECT__LOGGING__LEVEL", "DEBUG")
    monkeypatch.setenv("PREFECT__CONTEXT__SECRETS__Token", "x")

    found = origins()

    assert found["debug"] == "default"
    assert found["flows.checkpointing"] == str(user_file)
    assert found["backend"] == str(backend_file)
    assert found["logging.level"] == "PREFECT__LOGGING__LEVEL"
    assert found["context.secrets.Token"] == "PREFECT__CONTEXT__SECRETS__Token"
    assert set(DEFAULTS) < set(found)


def test_load_configuration_reads_nothing_but_what_it_is_given(home: Path, monkeypatch: pytest.MonkeyPatch):
    base = write(home / "base.toml", 'a = 1\n[b]\nc = "${a}"\n')
    user = write(home / "user.toml", "a = 2\n")
    monkeypatch.setenv("PREFECT__A", "3")
    monkeypatch.setenv("MINE__A", "4")

    assert load_configuration(str(base)).to_dict() == {"a": 1, "b": {"c": 1}}
    assert load_configuration(str(base), user_config_path=str(user)).a == 2
    assert load_configuration(str(base), user_config_path=str(user), env_var_prefix="MINE").b.c == 4


# The home folder


def test_the_home_is_the_one_of_1x_where_that_exists(home: Path):
    (home / ".prefect").mkdir()

    assert load_default_config().home_dir == str(home / ".prefect")


@pytest.mark.skipif(sys.platform != "linux", reason="the folder is another on each platform")
def test_a_new_user_gets_the_data_folder_of_the_platform(home: Path):
    assert load_default_config().home_dir == str(home / ".local" / "share" / "praefectus")
    assert user_config_path() == str(home / ".local" / "share" / "praefectus" / "config.toml")


@pytest.mark.parametrize("data_home", [None, "/srv/data", "relative", ""])
def test_the_data_folder_is_the_one_platformdirs_names(
    home: Path, monkeypatch: pytest.MonkeyPatch, data_home: str | None
):
    from platformdirs import user_data_dir

    if data_home is not None:
        monkeypatch.setenv("XDG_DATA_HOME", data_home)

    assert default_home_dir() == user_data_dir("praefectus", appauthor=False)


def test_reading_the_configuration_creates_nothing(home: Path):
    load_default_config()
    backend_config_path()
    origins()

    assert list(home.iterdir()) == []


# Environment variables


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("FALSE", False),
        ("7", 7),
        ("-7", -7),
        (" 7", 7),
        ("1_000", 1000),
        ("007", "007"),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("None", None),
        ("[1, 2]", [1, 2]),
        ("(1, 2)", (1, 2)),
        ("{'k': 2}", {"k": 2}),
        ("'quoted'", "quoted"),
        ("b'x'", b"x"),
        ("set()", set()),
        ("", ""),
        ("word", "word"),
        ("none", "none"),
        ("two words", "two words"),
        ("http://localhost:1", "http://localhost:1"),
        ("127.0.0.1", "127.0.0.1"),
        ("[%(name)s] x", "[%(name)s] x"),
        ("import os", "import os"),
        ("5if", "5if"),
        ("{[]: 1}", "{[]: 1}"),
    ],
)
def test_a_variable_is_read_as_boolean_or_literal_if_it_is_one(
    home: Path, monkeypatch: pytest.MonkeyPatch, text: str, value: object
):
    monkeypatch.setenv("PREFECT__MINE__X", text)

    found = load_default_config().mine.x

    assert isinstance(found, Config if isinstance(value, dict) else type(value))
    assert found == value


def test_names_of_variables_are_lowered(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PREFECT__Server__UI__HOST", "http://there")

    assert load_default_config().server.ui.endpoint == "http://there:8080"


def test_names_of_secrets_keep_their_case(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PREFECT__CONTEXT__SECRETS__FooBar", "x")
    monkeypatch.setenv("PREFECT__CONTEXT__FooBar", "y")

    assert load_default_config().context.to_dict() == {"secrets": {"FooBar": "x"}, "foobar": "y"}


def test_every_variable_becomes_a_key(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PREFECT__USER_CONFIG_PATH", "/nowhere/config.toml")

    assert load_default_config().user_config_path == "/nowhere/config.toml"


def test_a_variable_can_replace_a_section(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PREFECT__SERVER", "off")

    assert load_default_config().server == "off"


def test_a_variable_below_a_value_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PREFECT__DEBUG__X", "1")

    with pytest.raises(InvalidConfigurationError) as caught:
        load_default_config()
    assert str(caught.value) == (
        "debug.x (from PREFECT__DEBUG__X) cannot be set: 'debug' is a value, not a section."
        " Rename the key or remove the value."
    )


# Interpolation


def test_text_takes_variables_and_the_home_from_the_environment(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OUTER", "$INNER")
    monkeypatch.setenv("INNER", "33")

    config = loaded_from(home, '[x]\na = "~/f"\nb = "${OUTER}"\nc = "at $INNER"\nd = "$UNKNOWN"\ne = "a ~ b"\n')

    assert config.x.to_dict() == {"a": str(home / "f"), "b": 33, "c": "at 33", "d": "$UNKNOWN", "e": "a ~ b"}


def test_a_reference_takes_the_value_of_another_key(home: Path):
    config = loaded_from(
        home, '[x]\na = "${server.port}"\nb = "${x.a}-${x.a}"\nc = "${nothing}"\nd = "${x.e}"\ne = [1, 2]\n'
    )

    assert config.x.to_dict() == {"a": 4200, "b": "4200-4200", "c": "", "d": [1, 2], "e": [1, 2]}


def test_references_can_be_nested(home: Path):
    config = loaded_from(
        home, 'env = "prod"\n[environments.prod]\nuser = "me"\n[x]\nu = "${environments.${env}.user}"\n'
    )

    assert config.x.u == "me"


def test_references_in_circles_stay_as_they_are(home: Path):
    config = loaded_from(home, '[x]\na = "${x.b}"\nb = "${x.a}"\n')

    assert config.x.a in ("${x.a}", "${x.b}")


def test_the_api_address_follows_the_backend(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PREFECT__BACKEND", "server")
    monkeypatch.setenv("PREFECT__SERVER__PORT", "4300")

    config = load_default_config()

    assert (config.cloud.api, config.cloud.graphql) == ("http://localhost:4300", "http://localhost:4300/graphql")


def test_a_reference_in_a_variable_is_followed(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PREFECT__X", "${server.port}")

    assert load_default_config().x == 4200


def test_text_of_files_is_read_like_a_variable(home: Path):
    config = loaded_from(home, 'debug = "true"\n[cloud.agent]\nlabels = "[]"\n[context.secrets]\nJSON = \'{"x": 1}\'\n')

    assert (config.debug, config.cloud.agent.labels, config.context.secrets.JSON.x) == (True, [], 1)


# Task defaults


def test_task_defaults_become_what_tasks_take(home: Path):
    config = loaded_from(home, "[tasks.defaults]\nmax_retries = false\nretry_delay = 90\ntimeout = false\n")

    assert config.tasks.defaults.to_dict() == {
        "max_retries": 0,
        "retry_delay": timedelta(seconds=90),
        "timeout": None,
    }


# Bad input


def test_a_file_that_is_not_toml_is_named_with_its_line(home: Path):
    path = write(home / ".prefect" / "config.toml", "debug = true\nlevel = = 1\n")

    with pytest.raises(ValueError) as caught:
        load_default_config()
    message = str(caught.value)
    assert message.startswith(f"The configuration file {path} is not valid TOML: ")
    assert "line 2" in message
    assert message.endswith("Correct it or move it away.")


def test_a_file_that_is_not_text_is_named(home: Path):
    path = home / ".prefect" / "config.toml"
    path.parent.mkdir()
    path.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(InvalidConfigurationError, match=r"config\.toml is not valid TOML"):
        load_default_config()


def test_a_file_that_cannot_be_read_is_named(home: Path):
    (home / ".prefect" / "config.toml").mkdir(parents=True)

    with pytest.raises(InvalidConfigurationError) as caught:
        load_default_config()
    assert str(caught.value) == (
        f"The configuration file {home}/.prefect/config.toml cannot be read: Is a directory."
        " Make it readable or move it away."
    )


@pytest.mark.parametrize("name", ["keys", "items", "copy", "to_dict"])
def test_a_key_named_like_a_method_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.setenv(f"PREFECT__X__{name.upper()}", "1")

    with pytest.raises(InvalidConfigurationError) as caught:
        load_default_config()
    assert str(caught.value) == (
        f"Invalid config key: '{name}' in x.{name} (from PREFECT__X__{name.upper()})."
        " It is the name of a method of the configuration; choose another name."
    )


@pytest.mark.parametrize(
    ("text", "key", "place"),
    [
        ("[x]\nkeys = 1", "keys", "x.keys"),
        ("[x.copy]\ny = 1", "copy", "x.copy.y"),
        ("[[x.tables]]\nitems = 1", "items", "x.tables"),
    ],
)
def test_the_file_of_a_key_named_like_a_method_is_named(home: Path, text: str, key: str, place: str):
    with pytest.raises(InvalidConfigurationError) as caught:
        loaded_from(home, text)
    assert str(caught.value) == (
        f"Invalid config key: '{key}' in {place} (from {home}/.prefect/config.toml)."
        " It is the name of a method of the configuration; choose another name."
    )


def test_a_key_named_like_a_method_is_refused_where_it_is_set():
    with pytest.raises(ValueError, match=r"^Invalid config key: 'keys'\. It is the name"):
        Config(keys=1)


# The object


def test_a_config_is_read_by_attribute_and_by_item():
    config = Config({"a": {"b": 1}})

    assert config.a.b == config["a"]["b"] == 1


def test_a_missing_attribute_and_a_missing_item_are_told_apart():
    config = Config()

    with pytest.raises(AttributeError, match="'Config' object has no attribute 'nope'"):
        _ = config.nope
    with pytest.raises(KeyError, match="nope"):
        config["nope"]
    assert config.get("nope", 3) == 3


def test_dictionaries_put_into_a_config_become_sections():
    config = Config()

    config.a = {"b": {"c": 1}}

    assert config.a.b.c == 1
    assert isinstance(config.a.b, Config)


def test_printing_a_config_shows_no_value():
    assert repr(Config({"cloud": {"api_key": "hush"}})) == "<Config: 'cloud'>"


def test_a_config_survives_pickling():
    config = Config({"a": {"b": 1}})

    assert pickle.loads(pickle.dumps(config)) == config


def test_two_configurations_share_no_list(home: Path):
    load_default_config().logging.extra_loggers.append("noise")

    assert load_default_config().logging.extra_loggers == []


def test_the_context_holds_the_very_same_object():
    assert prefect.context.config is prefect.config


# Helpers


def test_create_user_config_writes_the_defaults(home: Path):
    create_user_config("~/new/config.toml")
    path = home / "new" / "config.toml"

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_configuration(str(path)).to_dict() == {
        key: value for key, value in load_default_config().to_dict().items() if key != "home_dir"
    }
    assert read_toml(str(path))["cloud"]["api"] == "${${backend}.endpoint}"


def test_create_user_config_overwrites_nothing(home: Path):
    path = write(home / "config.toml", "debug = true\n")

    with pytest.raises(ValueError) as caught:
        create_user_config(str(path))
    assert str(caught.value) == f"{path} exists already. Edit it, or move it away first."
    assert path.read_text() == "debug = true\n"


def test_settings_become_environment_variables():
    config = Config({"a": {"B": 1, "c": None, "d": [1], "e": {}}, "debug": True})

    assert to_environment_variables(config, prefix="mine") == {
        "MINE__A__B": "1",
        "MINE__A__C": "None",
        "MINE__A__D": "[1]",
        "MINE__DEBUG": "True",
    }


def test_only_the_included_settings_become_variables():
    config = Config({"logging": {"level": "INFO", "format": "x"}})

    assert to_environment_variables(config, include={"logging.level", "not.there"}) == {
        "PREFECT__LOGGING__LEVEL": "INFO"
    }


def test_another_process_reads_the_same_settings_from_the_variables(home: Path, monkeypatch: pytest.MonkeyPatch):
    config = loaded_from(home, "[tasks.defaults]\nretry_delay = 5\n[context.secrets]\nToken = 'x'\n")
    (home / ".prefect" / "config.toml").unlink()
    for name, value in to_environment_variables(config).items():
        monkeypatch.setenv(name, value)

    assert load_default_config() == config


# Start-up


def test_reading_the_defaults_imports_no_parser():
    script = "import sys, prefect; prefect.config; print({'ast', 'tomllib', 'tomli', 'platformdirs', 'pathlib', 'inspect'} & set(sys.modules))"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT__")}
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path[:] = {sys.path!r}; {script}"],
        env={**clean, "PREFECT__LOGGING__LEVEL": "DEBUG", "PREFECT__SERVER__PORT": "4300"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert ast.literal_eval(done.stdout.replace("set()", "{}")) == {}
