"""What a bug report needs, and no secret. Source: core.md §2.8; cli.md §17."""

from __future__ import annotations

import json
import platform
from pathlib import Path
from types import SimpleNamespace

import pytest

import prefect
from prefect.engine.results import LocalResult
from prefect.utilities import diagnostics

CONFIG = """
debug = false
backend = "server"
[logging]
level = "DEBUG"
[cloud.agent]
labels = ["hush-label"]
[context]
colour = "hush-colour"
[context.secrets]
TOKEN = "hush-token"
"""


@pytest.fixture
def user_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)
    monkeypatch.setenv("PREFECT__USER_CONFIG_PATH", str(path))
    return path


def test_the_system_is_described():
    assert diagnostics.system_information() == {
        "system_information": {
            "platform": platform.platform(),
            "python_version": platform.python_version(),
            "prefect_version": prefect.__version__,
            "prefect_backend": "local",
        }
    }


@pytest.mark.usefixtures("user_file")
def test_overridden_keys_are_named_without_their_values():
    assert diagnostics.config_overrides() == {
        "config_overrides": {
            "backend": True,
            "logging": {"level": True},
            "cloud": {"agent": {"labels": True}},
            "context": {"colour": True, "secrets": False},
        }
    }


@pytest.mark.usefixtures("user_file")
def test_secrets_are_named_if_asked_for():
    overrides = diagnostics.config_overrides(include_secret_names=True)["config_overrides"]

    assert overrides["context"] == {"colour": True, "secrets": {"TOKEN": True}}


def test_without_a_file_nothing_is_overridden(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PREFECT__USER_CONFIG_PATH", "/nowhere/config.toml")

    assert diagnostics.config_overrides() == {"config_overrides": {}}


def test_variables_are_named_without_their_values(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PREFECT__CONTEXT__SECRETS__TOKEN", "hush")

    names = diagnostics.environment_variables()["env_vars"]

    assert "PREFECT__CONTEXT__SECRETS__TOKEN" in names
    assert all(name.startswith("PREFECT__") for name in names)


def test_a_flow_is_described_by_what_it_uses():
    flow = prefect.Flow("f", tasks=[prefect.Task("t")], result=LocalResult(dir="/tmp"))
    flow.run_config = SimpleNamespace(env={"NAME": "hush", "EMPTY": ""}, labels=[], _private=1)  # type: ignore[assignment]

    assert diagnostics.flow_information(flow) == {
        "flow_information": {
            "environment": False,
            "run_config": {"type": "SimpleNamespace", "env": {"NAME": True, "EMPTY": False}, "labels": False},
            "storage": False,
            "result": {"type": "LocalResult"},
            "schedule": False,
            "task_count": 1,
        }
    }


@pytest.mark.usefixtures("user_file")
def test_the_report_is_sorted_json_without_any_value_of_the_user():
    report = diagnostics.diagnostic_info(prefect.Flow("f"), include_secret_names=True)

    assert "hush" not in report
    assert report == json.dumps(json.loads(report), indent=2, sort_keys=True)
    assert list(json.loads(report)) == ["config_overrides", "env_vars", "flow_information", "system_information"]


def test_a_flow_gives_its_own_report():
    assert json.loads(prefect.Flow("f").diagnostics())["flow_information"]["task_count"] == 0


def test_without_a_flow_the_report_does_not_mention_one():
    assert list(json.loads(diagnostics.diagnostic_info())) == ["config_overrides", "env_vars", "system_information"]
