"""Each example does what its docstring shows, through the installed command, and leaves the home alone."""

from __future__ import annotations

import ast
import csv
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
SHOWN = sorted(path.name for path in EXAMPLES.glob("*.py") if path.name != "stdlib_census.py")


def transcript(path: Path) -> list[tuple[str, str]]:
    """The commands of a file's docstring, each with the output that it claims."""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    commands: list[tuple[str, list[str]]] = []
    for line in docstring.splitlines():
        if line.startswith("$ "):
            commands.append((line[2:], []))
        elif commands:
            commands[-1][1].append(line + "\n")
    return [(command, "".join(output)) for command, output in commands]


def without_times(text: str) -> str:
    return re.sub(r"\d\d:\d\d:\d\d", "hh:mm:ss", text)


@pytest.fixture
def shell(home, cwd):
    """Runs a line of a docstring beside a folder ``examples``, with the installed command on the path."""
    (cwd / "examples").symlink_to(EXAMPLES)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    def run(line: str) -> subprocess.CompletedProcess[str]:
        variables = {"PATH": path, "HOME": str(home), "TZ": "UTC", "LANG": "C.UTF-8"}
        words = shlex.split(line)
        while "=" in words[0]:
            name, _, value = words.pop(0).partition("=")
            variables[name] = value
        return subprocess.run(words, cwd=cwd, env=variables, capture_output=True, text=True, timeout=120)

    return run


@pytest.mark.parametrize("name", SHOWN)
def test_example_prints_what_its_docstring_shows(name, shell, home):
    commands = transcript(EXAMPLES / name)

    for command, output in commands:
        done = shell(command)
        assert (done.returncode, without_times(done.stdout)) == (0, without_times(output)), done.stderr

    assert commands != []
    assert list(home.iterdir()) == []


@pytest.fixture
def census(shell):
    """The census of one small package."""
    return shell("prefect run --no-logs -p examples/stdlib_census.py --param package=json --param workers=2")


def test_census_prints_a_table_by_package(census):
    lines = census.stdout.splitlines()

    assert (census.returncode, census.stderr) == (0, "")
    assert lines[5].split() == ["package", "files", "lines", "functions", "classes", "empty", "failed"]
    assert lines[6].split()[:2] == ["json", "5"]
    assert lines[7].split()[:3] == ["all", "1", "5"]


def test_census_writes_the_same_rows_as_csv_and_json(census, cwd):
    (target,) = (cwd / "census").glob("json-*.json")
    with (cwd / "census" / "json.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))

    assert rows == [{key: str(value) for key, value in row.items()} for row in json.loads(target.read_text())]


def test_census_reads_its_target_the_second_time(census, shell, cwd):
    (target,) = (cwd / "census").glob("json-*.json")
    target.write_text(target.read_text().replace('"json"', '"read from the target"'))

    again = shell("prefect run --no-logs -p examples/stdlib_census.py --param package=json")

    assert "read from the target" in again.stdout


def test_census_counts_files_that_do_not_parse(shell):
    """lib2to3 and test hold files that break parsers; one or the other is in every Python that has them."""
    import sysconfig

    stdlib = Path(sysconfig.get_path("stdlib"))
    breaking = next((name for name in ("lib2to3", "test") if list(stdlib.glob(f"{name}/**/bad*.py"))), None)
    if breaking is None:
        pytest.skip("this Python comes without its tests, so all its files parse")

    done = shell(f"prefect run --no-logs -p examples/stdlib_census.py --param package={breaking}")

    row = next(line.split() for line in done.stdout.splitlines() if line.startswith(breaking))
    assert (done.returncode, int(row[-1]) > 0) == (0, True)


def test_census_of_an_unknown_package_fails_and_says_so(shell):
    done = shell("prefect run -p examples/stdlib_census.py --param package=nothing")

    assert done.returncode == 1
    assert "has no package 'nothing'" in done.stdout
