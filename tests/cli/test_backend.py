"""``prefect backend``."""

from __future__ import annotations

import pytest

LOCAL_ONLY = "The commands of this version work with the local store only: prefect backend local\n"


def read_back(run_prefect, **env: str) -> str:
    """The line about the backend of the configuration that the next command sees."""
    shown = run_prefect("config", "--origins", env=env).stdout
    return next(line for line in shown.splitlines() if line.startswith("backend = "))


@pytest.fixture
def call(run_prefect):
    def call(*args: str, **env: str) -> tuple[int, str, str]:
        done = run_prefect(*args, env=env)
        return done.returncode, done.stdout, done.stderr

    return call


def test_the_next_command_reads_the_file_that_was_written(call, run_prefect, tmp_path):
    home = str(tmp_path / "elsewhere")

    assert call("backend", "server", PREFECT__HOME_DIR=home) == (0, "Backend switched to server\n", LOCAL_ONLY)
    assert read_back(run_prefect, PREFECT__HOME_DIR=home) == f'backend = "server"  ({home}/backend.toml)'


def test_the_file_may_be_named(call, run_prefect, tmp_path):
    file = tmp_path / "folder" / "chosen.toml"

    assert call("backend", "local", PREFECT__BACKEND_CONFIG_PATH=str(file)) == (0, "Backend switched to local\n", "")
    assert file.read_text() == 'backend = "local"\n'
    assert read_back(run_prefect, PREFECT__BACKEND_CONFIG_PATH=str(file)) == f'backend = "local"  ({file})'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('# mine\nbackend = "server"\n[logging]\nlevel = "DEBUG"\n', '# mine\nbackend = "local"\n[logging]\nlevel = "DEBUG"\n'),
        ('[mine]\nbackend = "x"\n', 'backend = "local"\n[mine]\nbackend = "x"\n'),
        ("", 'backend = "local"\n'),
    ],
)  # fmt: skip
def test_what_else_stands_in_the_file_stays(call, tmp_path, before, after):
    file = tmp_path / "backend.toml"
    file.write_text(before)

    call("backend", "local", PREFECT__BACKEND_CONFIG_PATH=str(file))

    assert file.read_text() == after


def test_a_variable_still_wins(call, tmp_path):
    file = str(tmp_path / "backend.toml")

    assert call("backend", "local", PREFECT__BACKEND_CONFIG_PATH=file, PREFECT__BACKEND="server") == (
        0,
        "Backend switched to local\n",
        "The variable PREFECT__BACKEND is set to 'server', and it still wins.\n",
    )
    assert call("backend", "local", PREFECT__BACKEND_CONFIG_PATH=file, PREFECT__BACKEND="local")[2] == ""


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("nope", "Valid ones are local and server."),
        ("serve", "Did you mean 'server'? Valid ones are local and server."),
        ("cloud", "Prefect Cloud is not part of this product. Valid ones are local and server."),
    ],
)
def test_another_backend_is_refused_and_the_file_stays(call, tmp_path, name, hint):
    file = tmp_path / "backend.toml"
    file.write_text('backend = "local"\n')

    assert call("backend", name, PREFECT__BACKEND_CONFIG_PATH=str(file)) == (
        2,
        "",
        f"{name} is not a valid backend API\n{hint}\n",
    )
    assert file.read_text() == 'backend = "local"\n'


def test_a_file_that_cannot_be_written_is_named(call, tmp_path):
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "backend.toml"

    exit_code, stdout, stderr = call("backend", "local", PREFECT__BACKEND_CONFIG_PATH=str(path))

    assert (exit_code, stdout) == (1, "")
    assert stderr.startswith(f"The backend cannot be written to {path}: ")


def test_a_name_is_required(call):
    assert call("backend")[0] == 2


def test_commands_refuse_another_backend_than_the_local_store(call):
    assert call("get", "flows", PREFECT__BACKEND="server") == (
        1,
        "",
        "The backend is 'server', and this version works with the local store only.\n"
        "Switch with 'prefect backend local', or set PREFECT__BACKEND=local.\n",
    )
