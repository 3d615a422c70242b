"""The sample flow of the first steps: ``prefect run -m prefect.hello_world --param name=Marvin``.

Source: core.md §1.2.
"""

from prefect import Flow, Parameter, task


@task
def capitalize(name: str) -> str:
    """Return the name with a capital letter."""
    return name.capitalize()


@task(log_stdout=True)
def say_hello(name: str) -> None:
    """Print a greeting, which the run logs."""
    print(f"Hello {name}")  # noqa: T201 - what the sample shows


with Flow("hello-world") as hello_flow:
    say_hello(capitalize(Parameter("name", default="world")))
