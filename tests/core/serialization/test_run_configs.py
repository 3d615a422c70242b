"""Run configs as documents: core.md §20.6. What 1.4.1 writes is in ``test_recorded.py``."""

from __future__ import annotations

from pathlib import Path

import pytest

from prefect.run_configs import DockerRun, KubernetesRun, LocalRun, RunConfig, UniversalRun, VertexRun
from prefect.serialization import ValidationError, deserialize_run_config, serialize_run_config


class Own(LocalRun):
    pass


@pytest.mark.parametrize("run_config", [RunConfig(), Own(), "LocalRun"])
def test_a_class_of_the_users_own_is_refused(run_config):
    with pytest.raises(ValidationError) as caught:
        serialize_run_config(run_config)

    assert str(caught.value) == (
        f"{type(run_config).__name__!r} is no run config that can be written as a document."
        " Use one of DockerRun, ECSRun, KubernetesRun, LocalRun, UniversalRun, VertexRun."
    )


def test_what_json_cannot_hold_is_refused():
    with pytest.raises(ValidationError, match=r"^`host_config` of DockerRun cannot be written as JSON"):
        serialize_run_config(DockerRun(host_config={"a": {1}}))


def test_variables_that_json_cannot_hold_are_written_as_the_text_they_become():
    env = {"A": 1, "B": None, "C": Path("/data"), "D": float("nan"), 5: "x"}

    document = serialize_run_config(UniversalRun(env=env))

    assert document["env"] == {"A": 1, "B": None, "C": "/data", "D": "nan", "5": "x"}
    assert deserialize_run_config(document).serialize() == document


def test_variables_that_are_no_dictionary_are_refused():
    with pytest.raises(ValidationError) as caught:
        serialize_run_config(UniversalRun(env=["A=1"]))

    assert str(caught.value) == "`env` of UniversalRun is ['A=1'], which is no dictionary. Give one: name → value."


def test_labels_are_written_as_text():
    assert serialize_run_config(UniversalRun(labels=[2, "a", 10]))["labels"] == ["10", "2", "a"]


@pytest.mark.parametrize(
    "run_config",
    [
        UniversalRun(env={"A": "1"}, labels=["b", "a"]),
        LocalRun(working_dir="flows"),
        KubernetesRun(job_template={"kind": "Job"}, image_pull_policy="Never"),
    ],
)
def test_a_run_config_comes_back(run_config):
    assert deserialize_run_config(run_config.serialize()) == run_config


def test_a_missing_entry_leaves_its_default():
    assert deserialize_run_config({"type": "VertexRun"}) == VertexRun()


def test_reading_a_document_reads_no_template(tmp_path):
    loaded = deserialize_run_config({"type": "KubernetesRun", "job_template_path": str(tmp_path / "missing.yaml")})

    assert loaded.job_template_path == str(tmp_path / "missing.yaml")


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (["LocalRun"], "The run config is ['LocalRun'], not a JSON object."),
        ({"type": "Nope"}, "The run config 'Nope' is of an unknown type."),
        ({}, "The run config '' is of an unknown type."),
        ({"type": "LocalRun", "env": ["A"]}, "The run config 'LocalRun' has ['A'] as its 'env',"),
        ({"type": "LocalRun", "labels": [[]]}, "The run config 'LocalRun' has [[]] as its 'labels',"),
        ({"type": "LocalRun", "working_dir": 1}, "The run config 'LocalRun' has 1 as its 'working_dir',"),
    ],
)
def test_a_document_that_describes_no_run_config_is_refused(document, message):
    with pytest.raises(ValidationError) as caught:
        deserialize_run_config(document)

    assert str(caught.value).startswith(message)
