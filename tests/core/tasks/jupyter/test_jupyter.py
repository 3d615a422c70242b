"""``ExecuteNotebook`` executes notebooks, with a real kernel. Source: core.md §21.9."""

from __future__ import annotations

import json

import nbformat
import pytest
from jupyter_client.kernelspec import NoSuchKernel
from nbconvert.exporters.base import ExporterNameError
from papermill.exceptions import PapermillExecutionError

from prefect import Flow
from prefect.tasks.jupyter import ExecuteNotebook


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    """What Jupyter and IPython keep for a user stays in the folder of the test."""
    for variable in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(variable, str(tmp_path / variable))


@pytest.fixture
def notebook(tmp_path):
    """Writes a notebook whose cells hold these texts; the first one holds parameters."""

    def write(*cells):
        document = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(text) for text in cells],
            metadata={"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}},
        )
        document.cells[0].metadata.tags = ["parameters"]
        path = tmp_path / "notebook.ipynb"
        nbformat.write(document, path)
        return str(path)

    return write


def printed(text):
    """What the cells of a notebook with results printed."""
    cells = json.loads(text)["cells"]
    return [
        "".join(output["text"]) for cell in cells for output in cell["outputs"] if output["output_type"] == "stream"
    ]


def test_the_notebook_with_its_results_is_returned(notebook):
    assert printed(ExecuteNotebook(notebook("a = 1", "print(a + 1)")).run()) == ["2\n"]


def test_the_notebook_itself_is_left_as_it_is(notebook, tmp_path, capfd):
    path = notebook("a = 1", "print(a)")
    before = (tmp_path / "notebook.ipynb").read_bytes()

    ExecuteNotebook(path).run()

    assert (tmp_path / "notebook.ipynb").read_bytes() == before
    assert capfd.readouterr().out == ""


def test_parameters_take_the_place_of_those_of_the_notebook(notebook):
    assert printed(ExecuteNotebook(notebook("a = b = 1", "print(a, b)"), parameters={"a": [5]}).run()) == ["[5] 1\n"]


def test_parameters_of_the_run_come_in_place_of_those_of_the_task(notebook):
    task = ExecuteNotebook(notebook("a = b = 1", "print(a, b)"), parameters={"a": 5})

    assert printed(task.run(parameters={"b": 6})) == ["1 6\n"]


def test_the_output_has_the_format_that_is_asked_for(notebook):
    task = ExecuteNotebook(notebook("a = 1", "print(a)"), output_format="markdown")

    assert task.run().split() == "```python a = 1 ``` ```python print(a) ``` 1".split()


def test_json_is_the_notebook(notebook):
    task = ExecuteNotebook(notebook("a = 1", "print(a)"), output_format="markdown")

    assert printed(task.run(output_format="json")) == ["1\n"]


def test_arguments_of_the_exporter_are_handed_on(notebook):
    task = ExecuteNotebook(
        notebook("a = 1", "print(a)"), output_format="markdown", exporter_kwargs={"exclude_input": True}
    )

    assert task.run().split() == ["1"]


def test_what_cells_print_can_be_logged(notebook, caplog):
    with caplog.at_level("INFO", logger="papermill"):
        ExecuteNotebook(notebook("a = 1", "print('hi there')"), log_output=True).run()

    assert "hi there\n" in [record.getMessage() for record in caplog.records if record.name == "papermill"]


def test_a_cell_that_raises_fails_the_task(notebook):
    with Flow("f") as flow:
        executed = ExecuteNotebook(notebook("a = 0", "1 / a"))()

    state = flow.run().result[executed]

    assert (state.is_failed(), type(state.result)) == (True, PapermillExecutionError)
    assert "ZeroDivisionError: division by zero" in str(state.result)


def test_an_unknown_format_is_refused_before_the_notebook_is_executed(notebook, tmp_path):
    task = ExecuteNotebook(notebook("a = 1", f"open({str(tmp_path / 'ran')!r}, 'w')"), output_format="papyrus")

    with pytest.raises(ExporterNameError, match='Unknown exporter "papyrus"'):
        task.run()
    assert not (tmp_path / "ran").exists()


def test_an_unknown_kernel_is_refused(notebook):
    with pytest.raises(NoSuchKernel, match=r"^No such kernel named of_truth$"):
        ExecuteNotebook(notebook("a = 1"), kernel_name="of_truth").run()


def test_a_missing_notebook_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError):
        ExecuteNotebook(str(tmp_path / "missing.ipynb")).run()


def test_a_task_without_a_path_is_refused_when_it_runs():
    with pytest.raises(ValueError, match=r"^ExecuteNotebook has no notebook\. Give `path`"):
        ExecuteNotebook().run()
