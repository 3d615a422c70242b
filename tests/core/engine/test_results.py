"""Results: where values are kept (core.md §9.2)."""

from __future__ import annotations

import copy
import os
import pickle
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import cloudpickle
import pendulum
import pytest

from prefect.configuration import config
from prefect.engine import results
from prefect.engine.result import NoResult, NoResultType, Result
from prefect.engine.result.base import ResultNotImplementedError
from prefect.engine.results import ConstantResult, LocalResult, PrefectResult, SecretResult
from prefect.engine.serializers import DateTimeSerializer, JSONSerializer, PickleSerializer
from prefect.tasks.secrets import EnvVarSecret, SecretBase


class TestResult:
    def test_it_holds_a_value_a_location_and_a_serializer(self):
        result = Result(3, "place", JSONSerializer())
        assert (result.value, result.location, result.serializer) == (3, "place", JSONSerializer())

    def test_it_holds_nothing_and_pickles_unless_told(self):
        result = Result()
        assert (result.value, result.location, result.serializer) == (None, None, PickleSerializer())

    def test_its_repr_shows_the_value(self):
        assert repr(Result("x", location="place")) == "<Result: 'x'>"

    def test_a_template_location_is_filled_in(self):
        formatted = Result(location="{a}-{day:%A}").format(a=1, day=pendulum.date(2020, 1, 1), self="allowed")
        assert formatted.location == "1-Wednesday"

    def test_a_missing_name_in_a_template_is_a_key_error(self):
        with pytest.raises(KeyError, match="a"):
            Result(location="{a}").format(b=1)

    def test_a_callable_location_gets_the_names_as_keywords(self):
        result = Result(location=lambda **names: str(names))
        assert result.location is None
        assert result.format(a=1).location == "{'a': 1}"

    def test_formatting_leaves_the_original_as_it_was(self):
        result = Result(3, location="{a}")
        assert result.format(a=1).value == 3
        assert result.location == "{a}"

    def test_without_a_location_each_gets_a_fresh_one_by_date(self):
        result = Result()
        now = pendulum.now("UTC")
        first, second = result.format().location, result.format().location
        assert first is not None
        assert re.fullmatch(rf"{now.year}/{now.month}/{now.day}/[0-9a-f-]{{36}}\.prefect_result", first)
        assert first != second

    def test_a_copy_with_another_value_has_no_location_but_keeps_a_callable_one(self):
        assert Result(3, location="a").from_value(4) == Result(4)
        assert Result(3, location=lambda **names: "b").from_value(4).format().location == "b"

    def test_results_are_equal_by_class_and_content(self):
        assert Result(3, "a") == Result(3, "a")
        assert Result(3, "a") != Result(4, "a")
        assert Result(3, "a") != Result(3, "b")
        assert Result(3) != Result(3, serializer=JSONSerializer())
        assert Result(3) != ConstantResult(value=3)
        assert Result(3) != 3

    @pytest.mark.parametrize("call", [lambda r: r.write(1), lambda r: r.read("a"), lambda r: r.exists("a")])
    def test_a_plain_result_cannot_store(self, call: Any):
        with pytest.raises(ResultNotImplementedError, match=r"^A Result cannot .* such as LocalResult\(\)\.$") as info:
            call(Result(1))
        assert isinstance(info.value, NotImplementedError)

    def test_its_logger_has_the_name_of_its_class(self):
        assert Result().logger.name == "prefect.Result"

    def test_it_survives_pickling(self):
        assert pickle.loads(pickle.dumps(Result([1], "a"))) == Result([1], "a")

    def test_a_subclass_adds_its_own_options_to_what_is_compared(self):
        class Memory(Result):
            def __init__(self, shelf: str, **kwargs: Any) -> None:
                self.shelf = shelf
                super().__init__(**kwargs)

        assert Memory("a", value=1) == Memory("a", value=1)
        assert Memory("a", value=1) != Memory("b", value=1)


class TestNoResult:
    def test_there_is_one(self):
        assert NoResultType() is NoResult
        assert copy.copy(NoResult) is NoResult
        assert copy.deepcopy(NoResult) is NoResult
        assert pickle.loads(pickle.dumps(NoResult)) is NoResult
        assert cloudpickle.loads(cloudpickle.dumps(NoResult)) is NoResult
        assert NoResult.copy() is NoResult
        assert NoResult.format(a=1) is NoResult

    def test_it_is_a_result_without_value_that_equals_only_itself(self):
        assert isinstance(NoResult, Result)
        assert (NoResult.value, NoResult.location, NoResult.serializer) == (None, None, PickleSerializer())
        assert repr(NoResult) == "<NoResultType: None>"
        assert NoResult == NoResultType()
        assert NoResult != Result()

    def test_nobody_can_put_a_value_into_it(self):
        with pytest.raises(AttributeError, match="read-only"):
            NoResult.value = 3
        assert NoResult.from_value(3) == Result(3)


class TestLocalResult:
    def test_files_go_to_the_results_folder_of_the_home_unless_told(self):
        assert LocalResult().dir == f"{config.home_dir}/results"
        assert os.path.isdir(f"{config.home_dir}/results")

    def test_the_folder_is_made_absolute_and_created_at_once(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("HOME", str(tmp_path / "me"))
        assert LocalResult(dir="data").dir == str(tmp_path / "data")
        assert LocalResult(dir="~/data").dir == str(tmp_path / "me/data")
        assert (tmp_path / "me/data").is_dir()

    def test_validate_dir_false_leaves_the_folder_alone(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.chdir(tmp_path)
        result = LocalResult(dir="data", validate_dir=False)
        assert result.dir == "data"
        assert list(tmp_path.iterdir()) == []
        assert result.write(1, x=2).location is not None
        assert len(list((tmp_path / "data").iterdir())) == 1

    def test_a_folder_inside_the_home_is_used_as_given(self):
        """Repair of quirk 22: 1.x silently moved such a folder to ``<home_dir>/results``."""
        folder = f"{config.home_dir}/mine/today"
        assert LocalResult(dir=folder).dir == folder
        written = LocalResult(dir=folder, location="x").write(1)
        assert written.location == f"{folder}/x"

    def test_writing_returns_the_value_and_the_absolute_path(self, tmp_path: Path):
        result = LocalResult(dir=str(tmp_path), location="{day}/{name}.pickle")
        written = result.write([1], day="mon", name="x")
        assert written == LocalResult(dir=str(tmp_path), value=[1], location=str(tmp_path / "mon/x.pickle"))
        assert (result.value, result.location) == (None, "{day}/{name}.pickle")
        assert pickle.loads((tmp_path / "mon/x.pickle").read_bytes()) == [1]

    def test_the_serializer_decides_what_is_in_the_file(self, tmp_path: Path):
        LocalResult(dir=tmp_path, location="x.json", serializer=JSONSerializer()).write({"a": 1})
        assert (tmp_path / "x.json").read_text() == '{"a": 1}'

    def test_an_absolute_location_may_lie_elsewhere(self, tmp_path: Path):
        elsewhere = str(tmp_path / "other" / "x")
        assert LocalResult(dir=tmp_path / "dir", location=elsewhere).write(1).location == elsewhere
        assert LocalResult(dir=tmp_path / "dir").read(elsewhere).value == 1

    def test_the_default_name_is_the_time_and_is_never_given_twice(self, tmp_path: Path):
        result = LocalResult(dir=tmp_path)
        locations = {str(result.write(n).location) for n in range(200)}
        assert len(locations) == 200
        pattern = rf"{tmp_path}/prefect-result-\d{{4}}-\d\d-\d\dt\d\d-\d\d-\d\d-\d{{6}}-00-00-[0-9a-f]{{8}}"
        assert all(re.fullmatch(pattern, location) for location in locations)

    def test_reading_takes_a_relative_or_an_absolute_location_and_keeps_it_as_given(self, tmp_path: Path):
        result = LocalResult(dir=tmp_path)
        LocalResult(dir=tmp_path, location="a/x").write(5)
        for location in ("a/x", f"{tmp_path}/a/x"):
            read = result.read(location)
            assert (read.value, read.location) == (5, location)
        assert result.value is None

    def test_existence_is_asked_for_a_relative_an_absolute_or_a_template_location(self, tmp_path: Path):
        result = LocalResult(dir=tmp_path)
        LocalResult(dir=tmp_path, location="a/x").write(5)
        assert result.exists("a/x")
        assert result.exists(f"{tmp_path}/a/x")
        assert result.exists("{folder}/x", folder="a")
        assert not result.exists("a/y")
        with pytest.raises(KeyError, match="folder"):
            result.exists("{folder}/x")

    def test_reading_what_is_not_there_or_no_pickle_is_an_error(self, tmp_path: Path):
        with pytest.raises(FileNotFoundError):
            LocalResult(dir=tmp_path).read("nothing")
        (tmp_path / "bad").write_text("bad pickle")
        with pytest.raises(pickle.UnpicklingError):
            LocalResult(dir=tmp_path).read("bad")

    def test_a_value_that_cannot_be_written_leaves_the_old_file_and_nothing_else(self, tmp_path: Path):
        result = LocalResult(dir=tmp_path, location="x")
        result.write("old")
        with pytest.raises(TypeError):
            result.write(x for x in [])
        assert result.read("x").value == "old"
        assert os.listdir(tmp_path) == ["x"]

    @pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
    def test_an_interrupted_write_leaves_the_old_file_and_nothing_else(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
    ):
        def fail(*_: object) -> None:
            raise error

        result = LocalResult(dir=tmp_path, location="x")
        result.write("old")
        with monkeypatch.context() as patch:
            patch.setattr(os, "replace", fail)
            with pytest.raises(type(error)):
                result.write("new")
        assert result.read("x").value == "old"
        assert os.listdir(tmp_path) == ["x"]

    def test_a_writer_killed_in_the_middle_leaves_the_old_file(self, tmp_path: Path):
        LocalResult(dir=tmp_path, location="x").write("old")
        script = """
import os, sys
from prefect.engine.results import LocalResult
os.replace = lambda *_: os.kill(os.getpid(), 9)
LocalResult(dir=sys.argv[1], location="x").write("new" * 100_000)
"""
        process = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
        assert process.returncode == -9
        assert LocalResult(dir=tmp_path).read("x").value == "old"

    @pytest.mark.parametrize("location", ["", "taken/x", "n" * 300])
    def test_a_file_that_cannot_be_written_is_named(self, tmp_path: Path, location: str):
        (tmp_path / "taken").touch()
        with pytest.raises(OSError, match="LocalResult") as info:
            LocalResult(dir=tmp_path, location=location).write(1)
        reason = os.strerror(info.value.errno)
        assert info.value.strerror == (
            f"LocalResult cannot write the file '{os.path.abspath(tmp_path / location)}' ({reason})."
            " Give a `dir` and a `location` that can be written to."
        )
        assert os.listdir(tmp_path) == ["taken"]

    def test_a_folder_that_cannot_be_made_is_named(self, tmp_path: Path):
        (tmp_path / "taken").touch()
        with pytest.raises(NotADirectoryError) as info:
            LocalResult(dir=tmp_path / "taken/results")
        assert str(info.value) == (
            f"[Errno 20] LocalResult cannot make its folder '{tmp_path}/taken/results' (Not a directory)."
            " Give another `dir`."
        )

    def test_a_link_stays_a_link_to_the_written_file(self, tmp_path: Path):
        (tmp_path / "latest").symlink_to(tmp_path / "real")
        LocalResult(dir=tmp_path, location="latest").write(7)
        assert (tmp_path / "latest").is_symlink()
        assert LocalResult(dir=tmp_path).read("real").value == 7

    def test_files_in_the_home_are_private_and_others_follow_the_umask(self, tmp_path: Path):
        def mode(path: str | None) -> int:
            assert path is not None
            return stat.S_IMODE(os.stat(path).st_mode)

        old = os.umask(0o022)
        try:
            inside = LocalResult(location="private").write(1)
            outside = LocalResult(dir=tmp_path, location="shared").write(1)
        finally:
            os.umask(old)
        assert mode(inside.location) == 0o600
        assert mode(outside.location) == 0o644
        assert mode(config.home_dir) == 0o700

    def test_folders_are_part_of_what_is_compared(self, tmp_path: Path):
        assert LocalResult(dir=tmp_path / "a") == LocalResult(dir=tmp_path / "a")
        assert LocalResult(dir=tmp_path / "a") != LocalResult(dir=tmp_path / "b")


class TestPrefectResult:
    def test_the_location_is_the_value_as_json(self):
        written = PrefectResult().write({"a": [1]}, ignored="name")
        assert (written.value, written.location) == ({"a": [1]}, '{"a": [1]}')
        assert PrefectResult().read('{"a": [1]}') == written

    def test_a_datetime_serializer_makes_it_a_time(self):
        result = PrefectResult(serializer=DateTimeSerializer())
        assert result.write(pendulum.datetime(2020, 1, 1)).location == "2020-01-01T00:00:00Z"
        assert result.exists("2020-01-01T00:00:00Z")
        assert not result.exists("someday")

    def test_it_exists_when_the_location_spells_a_value(self):
        result = PrefectResult()
        assert result.exists('{"a": 1}', a=2)
        assert not result.exists('{"a')
        assert not result.exists("")
        assert not result.exists(None)

    @pytest.mark.parametrize("serializer", [PickleSerializer(), None])
    def test_other_serializers_are_refused(self, serializer: Any):
        message = r"^A PrefectResult cannot use \w+: .* Use JSONSerializer\(\) or DateTimeSerializer\(\)\.$"
        with pytest.raises(TypeError, match=message):
            PrefectResult(serializer=serializer)
        with pytest.raises(TypeError, match=message):
            PrefectResult().serializer = serializer

    def test_a_value_without_json_form_is_a_type_error(self):
        with pytest.raises(TypeError, match="not JSON serializable"):
            PrefectResult().write(object())


class TestConstantResult:
    def test_reading_returns_the_constant_itself_and_it_always_exists(self):
        result = ConstantResult(value=5)
        assert result.read("anything") is result
        assert result.exists("anything", a=1)
        assert result.value == 5

    def test_it_is_never_written_and_takes_no_serializer(self):
        with pytest.raises(ValueError, match="cannot be written to"):
            ConstantResult(value=5).write(5)
        with pytest.raises(ValueError, match="takes no serializer"):
            ConstantResult(value=5, serializer=JSONSerializer())


class TestSecretResult:
    def test_its_location_is_the_name_of_the_task(self):
        assert EnvVarSecret("TOKEN").result.location == "TOKEN"

    def test_reading_fetches_the_secret_again(self, monkeypatch: pytest.MonkeyPatch):
        result = EnvVarSecret("TOKEN").result
        monkeypatch.setenv("TOKEN", "first")
        assert result.read("TOKEN").value == "first"
        monkeypatch.setenv("TOKEN", "second")
        assert result.read("TOKEN").value == "second"
        assert result.value is None

    def test_reading_another_name_fetches_that_secret(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setenv("OTHER", "x")
        read = EnvVarSecret("TOKEN").result.read("OTHER")
        assert (read.value, read.location) == ("x", "OTHER")

    def test_a_secret_task_whose_run_takes_no_name_is_run_as_it_is(self):
        class Vault(SecretBase):
            def run(self) -> str:
                return "open"

        assert Vault(name="v").result.read("v").value == "open"

    def test_it_is_never_written_and_takes_no_serializer(self):
        with pytest.raises(ValueError, match="cannot be written to"):
            EnvVarSecret("TOKEN").result.write("x")
        with pytest.raises(ValueError, match="takes no serializer"):
            SecretResult(EnvVarSecret("TOKEN"), serializer=JSONSerializer())

    def test_its_repr_does_not_tell_the_secret(self):
        assert repr(SecretResult(EnvVarSecret("TOKEN"), value="open sesame")) == "<SecretResult: TOKEN>"


def test_the_package_lists_its_results_and_knows_no_other():
    assert results.__all__ == [
        "AzureResult",
        "ConstantResult",
        "GCSResult",
        "LocalResult",
        "PrefectResult",
        "S3Result",
        "SecretResult",
    ]
    assert set(results.__all__) <= set(dir(results))
    with pytest.raises(ImportError, match="cannot import name 'NopeResult'"):
        exec("from prefect.engine.results import NopeResult")


def test_importing_the_base_imports_nothing_heavy():
    script = """
import sys
before = set(sys.modules)
import prefect.engine.result.base, prefect.engine.cache_validators
print(sorted(name for name in set(sys.modules) - before if not name.startswith("prefect")))
print("prefect.engine.serializers" in sys.modules)
"""
    process = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert process.stdout == "['__future__']\nFalse\n"
