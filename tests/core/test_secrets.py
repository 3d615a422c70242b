"""Secrets and the tasks that fetch them (core.md §§4.3, 4.4)."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

import prefect
from prefect import Flow, task
from prefect.client import Secret
from prefect.engine.result import Result
from prefect.engine.results import SecretResult
from prefect.tasks.secrets import EnvVarSecret, PrefectSecret, SecretBase


class TestSecret:
    @pytest.mark.parametrize(
        ("kept", "value"),
        [
            ("plain text", "plain text"),
            ('{"user": {"id": 2}}', {"user": {"id": 2}}),
            ('"quoted"', "quoted"),
            ("3", 3),
            (3, 3),
            ({"user": 1}, {"user": 1}),
            (None, None),
        ],
    )
    def test_its_value_is_decoded_when_it_is_json_text(self, kept: Any, value: Any):
        with prefect.context(secrets={"TOKEN": kept}):
            assert Secret("TOKEN").get() == value
            assert Secret("TOKEN").exists()

    def test_upper_and_lower_case_are_different_names(self):
        with prefect.context(secrets={"Token": "x"}):
            assert Secret("Token").exists()
            assert not Secret("TOKEN").exists()

    def test_one_that_is_not_found_says_how_to_set_it(self):
        with prefect.context(secrets={}), pytest.raises(ValueError) as info:
            Secret("TOKEN").get()
        assert str(info.value) == (
            'Local Secret "TOKEN" was not found. Set the environment variable PREFECT__CONTEXT__SECRETS__TOKEN,'
            " or the secret's name under [context.secrets] in the configuration file."
        )

    def test_a_context_without_secrets_has_none(self):
        with prefect.context(secrets=None):
            assert not Secret("TOKEN").exists()
            with pytest.raises(ValueError, match=r'^Local Secret "TOKEN" was not found'):
                Secret("TOKEN").get()

    def test_it_cannot_be_read_while_a_flow_is_being_built(self):
        with prefect.context(secrets={"TOKEN": "x"}), Flow("f"):
            assert Secret("TOKEN").exists()
            with pytest.raises(ValueError, match=r'^Secret "TOKEN" was asked for while a flow is being built'):
                Secret("TOKEN").get()

    def test_the_environment_sets_one_and_its_case_is_kept(self):
        script = "from prefect.client import Secret; print(Secret('FooBar').get(), Secret('FOOBAR').exists())"
        environment = {**os.environ, "PREFECT__CONTEXT__SECRETS__FooBar": "sesame"}
        process = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
        )
        assert process.stdout == "sesame False\n"


class TestSecretBase:
    def test_its_value_is_never_stored(self):
        secret = EnvVarSecret("TOKEN", checkpoint=True)
        assert secret.checkpoint is False
        assert isinstance(secret.result, SecretResult)
        assert secret.result.secret_task is secret

    def test_it_takes_no_result(self):
        with pytest.raises(ValueError, match=r"^A EnvVarSecret takes no `result`: secrets are never stored\."):
            EnvVarSecret("TOKEN", result=Result())

    def test_it_takes_the_other_arguments_of_a_task(self):
        assert SecretBase(name="mine", tags=["t"]).tags == {"t"}


class TestPrefectSecret:
    def test_it_is_named_after_its_secret(self):
        assert PrefectSecret("TOKEN").name == "TOKEN"
        assert PrefectSecret().name == "PrefectSecret"

    def test_it_returns_the_secret(self):
        with prefect.context(secrets={"TOKEN": "[1]", "OTHER": "x"}):
            assert PrefectSecret("TOKEN").run() == [1]
            assert PrefectSecret("TOKEN").run("OTHER") == "x"
            assert PrefectSecret().run(name="OTHER") == "x"

    def test_without_a_name_it_fails(self):
        with pytest.raises(ValueError, match=r"^PrefectSecret does not know which secret to fetch"):
            PrefectSecret().run()

    def test_its_class_is_where_serialized_flows_look_for_it(self):
        assert PrefectSecret.__module__ == "prefect.tasks.secrets.base"


class TestEnvVarSecret:
    def test_it_is_a_prefect_secret_as_in_1x(self):
        assert isinstance(EnvVarSecret("TOKEN"), PrefectSecret)

    def test_it_returns_the_variable(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setenv("TOKEN", "1")
        monkeypatch.setenv("OTHER", "2")
        assert EnvVarSecret("TOKEN").run() == "1"
        assert EnvVarSecret("TOKEN").run("OTHER") == "2"
        assert EnvVarSecret().run(name="OTHER") == "2"

    def test_cast_is_applied_to_a_value_that_is_set(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setenv("TOKEN", "1")
        assert EnvVarSecret("TOKEN", cast=int).run() == 1
        assert EnvVarSecret("MISSING", cast=int).run() is None

    def test_a_missing_variable_is_none_or_an_error(self):
        assert EnvVarSecret("MISSING").run() is None
        with pytest.raises(ValueError, match=r"^Environment variable not set: MISSING\."):
            EnvVarSecret("MISSING", raise_if_missing=True).run()

    def test_without_a_name_it_fails(self):
        with pytest.raises(ValueError, match=r"^EnvVarSecret does not know which secret to fetch"):
            EnvVarSecret().run()


class TestInAFlow:
    def test_a_secret_task_joins_the_flow_by_being_an_input(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setenv("TOKEN", "sesame")
        secret = EnvVarSecret("TOKEN")

        @task
        def use(token: str) -> int:
            return len(token)

        with Flow("f") as flow:
            used = use(secret)
        assert secret in flow.tasks
        assert flow.run().result[used].result == 6

    def test_a_prefect_secret_reaches_the_task_that_uses_it(self):
        @task
        def use(token: dict[str, int]) -> int:
            return token["id"]

        with Flow("f") as flow:
            used = use(PrefectSecret("TOKEN"))
        with prefect.context(secrets={"TOKEN": '{"id": 7}'}):
            assert flow.run().result[used].result == 7
