"""``RunGreatExpectationsValidation`` validates real data with a real project. Source: core.md §21.9."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import prefect
from prefect import Client, Flow
from prefect.engine import signals
from prefect.tasks.great_expectations import RunGreatExpectationsValidation

OPERATOR = """
validation_operators:
  action_list_operator:
    class_name: ActionListValidationOperator
    action_list:
      - name: store_validation_result
        action:
          class_name: StoreValidationResultAction
"""


class TestWithoutTheLibrary:
    @pytest.mark.parametrize(
        "given",
        [
            {},
            {"expectation_suite_name": "complete"},
            {"checkpoint_name": "a", "ge_checkpoint": "b"},
            {"checkpoint_name": "a", "assets_to_validate": []},
        ],
    )
    def test_exactly_one_thing_is_validated(self, given):
        with pytest.raises(
            ValueError, match=r"^RunGreatExpectationsValidation has not exactly one thing to validate\."
        ):
            RunGreatExpectationsValidation(**given).run()

    def test_batches_of_old_versions_are_refused(self):
        with pytest.raises(ValueError, match=r"^RunGreatExpectationsValidation has `batch_kwargs`, which Great "):
            RunGreatExpectationsValidation(batch_kwargs={}, expectation_suite_name="complete").run()

    def test_it_says_which_extra_to_install(self):
        code = (
            "import sys; sys.modules['great_expectations'] = None\n"
            "from prefect.tasks.great_expectations import RunGreatExpectationsValidation\n"
            "try: RunGreatExpectationsValidation('orders').run()\n"
            "except ImportError as error: print(error)"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

        assert (done.stdout, done.stderr) == (
            "RunGreatExpectationsValidation needs the package great-expectations, which is not installed. Run: pip install"
            ' "praefectus[ge]"\n',
            "",
        )


@pytest.mark.filterwarnings("ignore")  # the library warns of its own ways, and of those of its libraries
class TestWithTheLibrary:
    """Its extra is large, and needs Python 3.12 or older: these run where it is installed."""

    @pytest.fixture(scope="class")
    def gx(self):
        return pytest.importorskip("great_expectations", reason="the extra [ge] is not installed")

    @pytest.fixture(scope="class")
    def root(self, gx, tmp_path_factory):
        """Folder of a project with a checkpoint for a table that is complete, and one for a table that is not."""
        from great_expectations.data_context import FileDataContext

        folder = tmp_path_factory.mktemp("project")
        (folder / "good.csv").write_text("a,b\n1,2\n3,4\n")
        (folder / "bad.csv").write_text("a,b\n1,2\n,4\n")
        context = FileDataContext.create(str(folder))
        tables = context.sources.add_pandas("files")
        for name in ("good", "bad"):
            tables.add_csv_asset(name, filepath_or_buffer=folder / f"{name}.csv")
        context.add_expectation_suite("complete")
        suite = self.validator(context, "good")
        suite.expect_column_values_to_not_be_null("a")
        suite.save_expectation_suite(discard_failed_expectations=False)
        for name in ("good", "bad"):
            context.add_or_update_checkpoint(name=name, validations=[self.validation(context, name)])
        with open(os.path.join(context.root_directory, "great_expectations.yml"), "a") as file:
            file.write(OPERATOR)
        return context.root_directory

    @pytest.fixture
    def context(self, gx, root):
        return gx.get_context(context_root_dir=root)

    @staticmethod
    def validation(context, name):
        request = context.get_datasource("files").get_asset(name).build_batch_request()
        return {"batch_request": request, "expectation_suite_name": "complete"}

    @classmethod
    def validator(cls, context, name):
        return context.get_validator(**cls.validation(context, name))

    @pytest.fixture
    def pages(self, gx, backend, flow_run_id):
        """Returns what is shown with the task run that is just running."""
        task_run_id = Client().get_flow_run_info(flow_run_id).task_runs[0].id

        def shown():
            members = [backend.members.get(id) for id in backend.members.all(flow_run_id)]
            return [member["data"]["markdown"] for member in members if member.get("task_run_id") == task_run_id]

        with prefect.context(running_with_backend=True, task_run_id=task_run_id):
            yield shown

    def test_data_that_meet_the_expectations_succeed(self, root):
        result = RunGreatExpectationsValidation("good", context_root_dir=root).run()

        assert (type(result).__name__, result.success) == ("CheckpointResult", True)

    def test_data_that_do_not_fail_the_task_with_the_result(self, root):
        with Flow("f") as flow:
            validated = RunGreatExpectationsValidation("bad")(context_root_dir=root)

        state = flow.run().result[validated]

        assert (state.is_failed(), state.message) == (True, "1 of 1 validations failed")
        (result,) = state.result.list_validation_results()
        assert result.statistics["unsuccessful_expectations"] == 1

    def test_the_project_may_be_that_of_the_working_directory(self, root, monkeypatch):
        monkeypatch.chdir(os.path.dirname(root))

        assert RunGreatExpectationsValidation("good").run().success

    def test_a_context_comes_before_a_folder(self, context):
        assert RunGreatExpectationsValidation("good", context=context, context_root_dir="/nowhere").run().success

    def test_a_checkpoint_needs_no_project(self, context):
        checkpoint = context.get_checkpoint("bad")

        with pytest.raises(signals.FAIL):
            RunGreatExpectationsValidation(ge_checkpoint=checkpoint).run()

    def test_arguments_of_the_checkpoint_are_handed_on(self, context):
        kwargs = {"validations": [self.validation(context, "bad")], "run_name": "from kwargs"}

        with pytest.raises(signals.FAIL, match=r"^1 of 2 validations failed$") as info:
            RunGreatExpectationsValidation("good", context=context, checkpoint_kwargs=kwargs).run()

        assert info.value.state.result.run_id.run_name == "from kwargs"

    def test_a_validation_operator_validates_assets(self, context):
        task = RunGreatExpectationsValidation(context=context)

        assert task.run(assets_to_validate=[self.validator(context, "good")]).success
        with pytest.raises(signals.FAIL, match=r"^1 of 1 validations failed$") as info:
            task.run(assets_to_validate=[self.validator(context, "bad")])
        assert type(info.value.state.result).__name__ == "ValidationOperatorResult"

    def test_an_unknown_operator_is_refused(self, gx, context):
        assets = [self.validator(context, "good")]
        task = RunGreatExpectationsValidation(assets_to_validate=assets, context=context, validation_operator="magic")

        with pytest.raises(gx.exceptions.DataContextError, match="No validation operator `magic` was found"):
            task.run()

    def test_an_unknown_checkpoint_is_refused(self, gx, root):
        with pytest.raises(gx.exceptions.DataContextError, match='Non-existent Checkpoint configuration named "none"'):
            RunGreatExpectationsValidation("none", context_root_dir=root).run()

    def test_the_run_has_the_name_it_is_given_or_that_of_the_task(self, context):
        task = RunGreatExpectationsValidation("good", context=context)

        with prefect.context(task_slug="validate-1"):
            assert task.run().run_id.run_name == "validate-1"
            assert task.run(run_name="nightly").run_id.run_name == "nightly"

    def test_parameters_of_expectations_have_the_values_given(self, context):
        suite = self.validator(context, "good")
        suite.set_evaluation_parameter("most", 0)
        suite.expect_column_max_to_be_between("b", max_value={"$PARAMETER": "most"})
        task = RunGreatExpectationsValidation(assets_to_validate=[suite], context=context)

        assert task.run(evaluation_parameters={"most": 4}).success
        with pytest.raises(signals.FAIL):
            task.run(evaluation_parameters={"most": 3})

    def test_the_page_of_results_is_shown_even_if_the_validation_fails(self, context, pages):
        with pytest.raises(signals.FAIL):
            RunGreatExpectationsValidation("bad", context=context, run_name="nightly").run()

        (page,) = pages()
        assert page.lstrip().startswith("# Validation Results")
        assert "**Failed**" in page
        assert page.index("values must never be null") < page.index("nightly")

    def test_the_page_may_tell_of_the_run_first(self, context, pages):
        RunGreatExpectationsValidation("good", context=context, run_name="nightly", run_info_at_end=False).run()

        (page,) = pages()
        assert page.index("nightly") < page.index("values must never be null")

    def test_the_page_may_be_left_out(self, context, pages):
        RunGreatExpectationsValidation("good", context=context, disable_markdown_artifact=True).run()

        assert pages() == []
