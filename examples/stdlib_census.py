"""What is the standard library made of? A flow over each of its Python files, some 1,800 real ones.

    prefect run -p examples/stdlib_census.py --no-logs
    prefect run -p examples/stdlib_census.py --no-logs --param package=json --param workers=4

Some of the files are there to break parsers. They fail as tasks, the rest goes on, and the table counts them.
The table is written as JSON and CSV into `folder`. As the JSON is a target, a second run reads it: delete it to count anew.
"""

import ast
import csv
import io
import os
import platform
import sysconfig
import tokenize
import warnings
from pathlib import Path

import prefect
from prefect import Flow, Parameter, task
from prefect.engine.results import LocalResult
from prefect.engine.serializers import JSONSerializer, Serializer
from prefect.engine.signals import SKIP
from prefect.executors import LocalDaskExecutor
from prefect.tasks.control_flow import FilterTask
from prefect.triggers import all_finished

STDLIB = Path(sysconfig.get_path("stdlib"))
SINGLE_FILES = "(single files)"
COUNTED = ("files", "lines", "functions", "classes", "empty", "failed")

prefect.config.flows.checkpointing = True  # write results in a local run too


class CSVSerializer(Serializer):
    """Rows, a list of dictionaries with the same keys, as a table that spreadsheets open."""

    def serialize(self, value):
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, fieldnames=list(value[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(value)
        return text.getvalue().encode()

    def deserialize(self, value):
        return list(csv.DictReader(io.StringIO(value.decode(), newline="")))


def package_of(path):
    return path.split("/")[0] if "/" in path else SINGLE_FILES


@task
def find_files(package):
    """The paths of all files, or of those of one package."""
    found = [path.relative_to(STDLIB) for path in STDLIB.rglob("*.py")]
    paths = sorted(path.as_posix() for path in found if path.parts[0] not in ("site-packages", "dist-packages"))
    if package != "all":
        paths = [path for path in paths if package_of(path) == package or path == f"{package}.py"]
    if not paths:
        raise ValueError(f"The standard library in {STDLIB} has no package {package!r}.")
    return paths


@task
def read(path):
    """The text of a file. Fails if it does not decode, skips if nothing is in it."""
    with tokenize.open(STDLIB / path) as file:
        text = file.read()
    if not text.strip():
        raise SKIP(f"{path} is empty")
    return text


@task
def measure(path, text):
    """What one file is made of. Fails if it does not parse."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # odd escapes in files that test for odd escapes
        nodes = [type(node) for node in ast.walk(ast.parse(text))]
    return {
        "package": package_of(path),
        "lines": text.count("\n"),
        "functions": nodes.count(ast.FunctionDef) + nodes.count(ast.AsyncFunctionDef),
        "classes": nodes.count(ast.ClassDef),
    }


@task(trigger=all_finished, skip_on_upstream_skip=False)
def find_problems(paths, texts, measures):
    """Of each file that was not measured: its package, and whether it was empty or failed."""
    problems = []
    for path, text, measured in zip(paths, texts, measures, strict=True):
        if isinstance(text, SKIP):
            problems.append({"package": package_of(path), "kind": "empty"})
        elif isinstance(measured, BaseException):
            problems.append({"package": package_of(path), "kind": "failed"})
    return problems


@task(
    target=f"{{folder}}/{{package}}-{platform.python_version()}.json",
    result=LocalResult(dir=".", serializer=JSONSerializer()),
)
def by_package(measures, problems):
    """One row for each package, the longest first."""
    rows = {}
    for found in [*measures, *problems]:
        row = rows.setdefault(found["package"], {"package": found["package"], **dict.fromkeys(COUNTED, 0)})
        row["files"] += 1
        for column in ("lines", "functions", "classes"):
            row[column] += found.get(column, 0)
        if "kind" in found:
            row[found["kind"]] += 1
    return sorted(rows.values(), key=lambda row: (-row["lines"], row["package"]))


@task(result=LocalResult(dir=".", location="{folder}/{package}.csv", serializer=CSVSerializer()))
def export(rows):
    """The rows; it is the result that makes a file of them."""
    return rows


@task
def show(rows, largest):
    """Print the largest packages and the sum over all."""
    total = {"package": f"all {len(rows)}", **{name: sum(row[name] for row in rows) for name in COUNTED}}
    print()
    print(f"{'package':<20}" + "".join(f"{name:>11}" for name in COUNTED))
    for row in [*rows[:largest], total]:
        print(f"{row['package']:<20}" + "".join(f"{row[name]:>11,}" for name in COUNTED))
    print()


def choose_workers(flow, old, new):
    """Parameters are known only when the run begins, just before the executor starts: set it up anew."""
    if new.is_running():
        flow.executor.__init__(scheduler="processes", num_workers=prefect.context.parameters["workers"])


with Flow("stdlib-census", executor=LocalDaskExecutor(scheduler="processes"), state_handlers=[choose_workers]) as flow:
    package = Parameter("package", default="all")
    folder = flow.add_task(Parameter("folder", default="census"))
    workers = flow.add_task(Parameter("workers", default=os.cpu_count()))
    largest = Parameter("largest", default=10)

    paths = find_files(package)
    texts = read.map(paths)
    measures = measure.map(paths, texts)
    measured = FilterTask(filter_func=lambda found: isinstance(found, dict))(measures)
    rows = by_package(measured, find_problems(paths, texts, measures))
    export(rows)
    show(rows, largest)
