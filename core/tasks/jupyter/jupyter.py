"""``ExecuteNotebook``: notebooks of Jupyter.

Source: core.md §21.9.
"""

# Without the __future__ import: the texts of the annotations of `run` are part of the 1.x JSON form (core.md §20.2).
from typing import Any

from prefect.task import Task
from prefect.utilities._extras import import_extra
from prefect.utilities.tasks import defaults_from_attrs


class ExecuteNotebook(Task):
    """Executes a notebook, and returns it as text, with all that its cells gave.

    The notebook itself is left as it is.

    Args:
        path: File of the notebook; may be given to ``run`` instead.
        parameters: Name → value; they take the place of those in the cell that has the tag ``parameters``.
        log_output: Log what cells print, by the logger ``papermill``.
        output_format: What the notebook becomes: ``notebook`` or ``json`` for one with results, or another format that
            nbconvert knows, such as ``html`` or ``markdown``.
        exporter_kwargs: Arguments of nbconvert's exporter for that format, such as ``{"exclude_input": True}``.
        kernel_name: The kernel that executes it; by default the one that the notebook names.
        **kwargs: Arguments of ``Task``.

    Source:
        core.md §21.9.
    """

    def __init__(
        self,
        path: str | None = None,
        parameters: dict[str, Any] | None = None,
        log_output: bool = False,
        output_format: str = "notebook",
        exporter_kwargs: dict[str, Any] | None = None,
        kernel_name: str | None = None,
        **kwargs: Any,
    ) -> None:
        self.path = path
        self.parameters = parameters
        self.log_output = log_output
        self.output_format = output_format
        self.exporter_kwargs = exporter_kwargs
        self.kernel_name = kernel_name
        super().__init__(**kwargs)

    @defaults_from_attrs("path", "parameters", "output_format", "exporter_kwargs")
    def run(
        self,
        path: str = None,  # type: ignore[assignment]  # noqa: RUF013 - as 1.x serializes it
        parameters: dict = None,  # type: ignore[type-arg, assignment]  # noqa: RUF013 - as above
        output_format: str = None,  # type: ignore[assignment]  # noqa: RUF013 - as above
        exporter_kwargs: dict = None,  # type: ignore[type-arg, assignment]  # noqa: RUF013 - as above
    ) -> str:
        """Execute the notebook and return it in the format asked for.

        Args:
            path: In place of that of the task.
            parameters: In place of those of the task.
            output_format: In place of that of the task.
            exporter_kwargs: In place of those of the task.

        Raises:
            ExporterNameError: nbconvert knows no such format; the notebook has not been executed.
            ImportError: The ``jupyter`` extra is not installed.
            NoSuchKernel: There is no such kernel.
            OSError: The notebook cannot be read.
            PapermillExecutionError: A cell raised an exception.
            ValueError: There is no path.
        """
        if not path:
            raise ValueError("ExecuteNotebook has no notebook. Give `path` to ExecuteNotebook(…) or to its run(…).")
        papermill = import_extra("papermill", package="papermill", extra="jupyter", purpose="ExecuteNotebook")
        nbconvert = import_extra("nbconvert", package="nbconvert", extra="jupyter", purpose="ExecuteNotebook")
        exporter = nbconvert.get_exporter("notebook" if output_format == "json" else output_format)
        executed = papermill.execute_notebook(
            path,
            None,
            parameters=parameters,
            kernel_name=self.kernel_name,
            log_output=self.log_output,
            progress_bar=False,
        )
        text: str
        text, _ = nbconvert.export(exporter, executed, **(exporter_kwargs or {}))
        return text
