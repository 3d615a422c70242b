"""Run configs: core.md §15."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from prefect import Flow
from prefect.run_configs import (
    DockerRun,
    ECSRun,
    KubernetesRun,
    LocalRun,
    RunConfig,
    UniversalRun,
    VertexRun,
)

KEYWORD_ONLY = [LocalRun, DockerRun, KubernetesRun, ECSRun, VertexRun]


def test_environment_and_labels_are_empty_by_default():
    run_config = UniversalRun()

    assert (run_config.env, run_config.labels) == (None, set())


@pytest.mark.parametrize("make", [RunConfig, UniversalRun, *KEYWORD_ONLY])
def test_every_run_config_takes_environment_and_labels(make):
    run_config = make(env={"A": "1"}, labels=["a", "b", "a"])

    assert (run_config.env, run_config.labels) == ({"A": "1"}, {"a", "b"})


@pytest.mark.parametrize("make", [RunConfig, UniversalRun])
def test_some_take_their_arguments_by_position(make):
    assert make({"A": "1"}, ["a"]) == make(env={"A": "1"}, labels=["a"])


@pytest.mark.parametrize("make", KEYWORD_ONLY)
def test_the_others_take_theirs_by_keyword_only(make):
    with pytest.raises(TypeError):
        make("something")


@pytest.mark.parametrize("make", [RunConfig, UniversalRun, *KEYWORD_ONLY])
def test_one_string_is_no_set_of_labels(make):
    with pytest.raises(TypeError) as caught:
        make(labels="gpu")

    assert str(caught.value) == f"The labels of {make.__name__} are one string, 'gpu'. Give a list or set of labels."


def test_run_configs_are_equal_by_what_they_say():
    assert LocalRun(labels=["a", "b"]) == LocalRun(labels=["b", "a"])
    assert LocalRun() != LocalRun(labels=["a"])
    assert LocalRun() != DockerRun()
    assert LocalRun() != "LocalRun"


def test_a_run_config_is_no_key_of_a_dictionary():
    with pytest.raises(TypeError, match="unhashable"):
        hash(UniversalRun())


def test_a_run_config_says_what_it_is():
    assert (
        UniversalRun(env={"A": "1"}, labels=["b", "a"]).serialize().items()
        >= {
            "type": "UniversalRun",
            "env": {"A": "1"},
            "labels": ["a", "b"],
        }.items()
    )


def test_a_run_config_does_not_matter_to_a_run_in_this_process():
    assert Flow("f", run_config=DockerRun(image="nowhere")).run().is_successful()


@pytest.mark.parametrize(
    ("given", "absolute"),
    [("flows", "{cwd}/flows"), ("/flows/../work", "/work"), ("~/flows", "{home}/flows"), (None, None)],
)
def test_the_folder_of_a_local_run_is_made_absolute(given, absolute):
    expected = absolute and absolute.format(cwd=os.getcwd(), home=os.environ["HOME"])

    assert LocalRun(working_dir=given).working_dir == expected


def test_numbers_of_resources_become_text():
    kubernetes = KubernetesRun(cpu_limit=0.5, cpu_request=2, memory_limit=100, memory_request="1Gi")
    ecs = ECSRun(cpu=1024, memory=2048)

    assert (kubernetes.cpu_limit, kubernetes.cpu_request) == ("0.5", "2")
    assert (kubernetes.memory_limit, kubernetes.memory_request) == ("100", "1Gi")
    assert (ecs.cpu, ecs.memory) == ("1024", "2048")


def test_an_unknown_pull_policy_is_refused():
    with pytest.raises(ValueError, match=r"^Invalid image_pull_policy 'Sometimes'\. Expected 'Always', 'IfNotPresent'"):
        KubernetesRun(image_pull_policy="Sometimes")


@pytest.mark.parametrize(
    ("make", "arguments", "message"),
    [
        (
            KubernetesRun,
            {"job_template_path": "s3://a/b", "job_template": ""},
            "Cannot provide both `job_template_path`",
        ),
        (
            ECSRun,
            {"task_definition": {}, "task_definition_path": "s3://a/b"},
            "Can only provide one of `task_definition`",
        ),
        (ECSRun, {"task_definition_arn": "a", "task_definition_path": "s3://a/b"}, "Can only provide one of"),
        (ECSRun, {"task_definition_arn": "a", "image": "b"}, "Cannot provide both `task_definition_arn` and `image`"),
    ],
)
def test_two_ways_of_saying_the_same_are_refused(make, arguments, message):
    with pytest.raises(ValueError) as caught:
        make(**arguments)

    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("scheme", ["", "file://", "local://"])
def test_a_template_of_this_machine_is_read_now(scheme, tmp_path):
    path = tmp_path / "job.yaml"
    path.write_text("kind: Job\n")

    kubernetes = KubernetesRun(job_template_path=f"{scheme}{path}")
    ecs = ECSRun(task_definition_path=f"{scheme}{path}")

    assert (kubernetes.job_template, kubernetes.job_template_path) == ({"kind": "Job"}, None)
    assert (ecs.task_definition, ecs.task_definition_path) == ({"kind": "Job"}, None)


@pytest.mark.parametrize("path", ["s3://bucket/job.yaml", "agent:///job.yaml", "https://example.com/job.yaml"])
def test_a_template_elsewhere_is_left_to_the_agent(path):
    kubernetes = KubernetesRun(job_template_path=path)
    ecs = ECSRun(task_definition_path=path)

    assert (kubernetes.job_template, kubernetes.job_template_path) == (None, path)
    assert (ecs.task_definition, ecs.task_definition_path) == (None, path)


def test_a_template_that_does_not_exist_is_noticed_at_once(tmp_path):
    with pytest.raises(FileNotFoundError):
        KubernetesRun(job_template_path=str(tmp_path / "missing.yaml"))


def test_the_template_of_a_kubernetes_job_may_be_text():
    assert KubernetesRun(job_template="kind: Job\nspec: {a: 1}").job_template == {"kind": "Job", "spec": {"a": 1}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "a: [\n",
            "`job_template` is not YAML: expected the node content, but found '<stream end>', line 2, column 1.",
        ),
        ("a: \x00", "`job_template` is not YAML: unacceptable character #x0000: special characters are not allowed"),
        ("only text", "`job_template` holds str, not a mapping. Write it as `key: value` lines."),
        ("", "`job_template` holds NoneType, not a mapping. Write it as `key: value` lines."),
    ],
)
def test_text_that_is_no_template_is_refused(text, message):
    with pytest.raises(ValueError) as caught:
        KubernetesRun(job_template=text)

    assert str(caught.value).startswith(message)


def test_without_pyyaml_one_sentence_names_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "yaml", None)

    with pytest.raises(ImportError) as caught:
        KubernetesRun(job_template="kind: Job")

    assert str(caught.value) == ('`job_template` cannot be read without PyYAML. Run: pip install "praefectus[yaml]"')


def test_the_package_loads_a_class_when_it_is_asked_for():
    code = (
        "import sys, prefect\n"
        "prefect.run_configs.UniversalRun()\n"
        "print(sorted(name for name in sys.modules if name.startswith('prefect.run_configs.')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "['prefect.run_configs.base']\n"


def test_the_package_has_no_other_names():
    import prefect

    assert not hasattr(prefect.run_configs, "nope")
    assert set(prefect.run_configs.__all__) <= set(dir(prefect.run_configs))
