"""The file in which the choice of a backend is kept (core.md §17.1; cli.md §1.4)."""

from __future__ import annotations

from pathlib import Path

import pytest

from prefect.config_file import InvalidConfigurationError
from prefect.configuration import load_default_config
from prefect.utilities.backend import backend_path, load_backend, save_backend


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "folder" / "backend.toml"
    monkeypatch.setenv("PREFECT__BACKEND_CONFIG_PATH", str(path))
    return path


def test_the_file_is_the_one_that_is_configured(file):
    assert backend_path() == file


def test_by_default_it_is_in_the_home(tmp_path, monkeypatch):
    monkeypatch.setenv("PREFECT__HOME_DIR", str(tmp_path))

    assert backend_path() == tmp_path / "backend.toml"


def test_a_relative_name_counts_from_where_the_program_is(tmp_path, monkeypatch):
    monkeypatch.setenv("PREFECT__BACKEND_CONFIG_PATH", "chosen.toml")
    monkeypatch.chdir(tmp_path)

    assert backend_path() == tmp_path / "chosen.toml"


def test_without_a_file_nothing_is_chosen(file):
    assert load_backend() == {}
    assert not file.parent.exists()


@pytest.mark.parametrize("backend", ["server", "local", 'with "quotes" \\1'])
def test_a_choice_comes_back(file, backend):
    save_backend("another")
    save_backend(backend)

    assert load_backend() == {"backend": backend}


def test_the_configuration_of_later_programs_has_it(file):
    save_backend("server")

    assert load_default_config().backend == "server"


def test_a_file_that_is_no_toml_is_named(file):
    file.parent.mkdir()
    file.write_text("backend: local")

    with pytest.raises(InvalidConfigurationError, match=f"^The configuration file {file} is not valid TOML: "):
        load_backend()
