"""What the documentation shows is what happens: its programs and commands are executed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
#: Made from the help of the commands, whose examples have tests of their own.
GENERATED = ROOT / "docs" / "cli-reference.md"
DECISION = ["Context", "Choice", "Turned down", "Cost"]
FENCE = re.compile(r"^```(?P<language>python|console)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?P<target>[^)#:]+)(#[^)]*)?\)")


def blocks(page: Path) -> list[tuple[str, str]]:
    return [(match["language"], match["text"]) for match in FENCE.finditer(page.read_text(encoding="utf-8"))]


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def without_times(text: str) -> str:
    return re.sub(r"\d\d:\d\d:\d\d", "hh:mm:ss", text)


def transcript(text: str) -> list[tuple[str, str]]:
    """Each command after a `$` with the lines that follow it."""
    parts = re.split(r"^\$ (.*)\n", text, flags=re.MULTILINE)
    return list(zip(parts[1::2], parts[2::2]))


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page) and page != GENERATED], ids=name)
def test_commands_of_the_page_print_what_it_shows(page, home, cwd):
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "TZ": "UTC",
        "LANG": "C.UTF-8",
    }
    for language, text in blocks(page):
        if language == "python":
            file = re.match(r"# (\S+\.py)\n", text)
            assert file, f"a program in {name(page)} does not begin with its file's name"
            (cwd / file[1]).write_text(text)
            continue
        for command, output in transcript(text):
            done = subprocess.run(
                ["sh", "-c", command], cwd=cwd, env=environment, capture_output=True, text=True, timeout=120
            )
            assert without_times(done.stdout + done.stderr) == without_times(output), command


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_of_the_page_lead_somewhere(page):
    targets = [match["target"] for match in LINK.finditer(page.read_text(encoding="utf-8"))]

    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_the_page_has_no_placeholder(page):
    assert re.findall(r"TODO|TBD|@@\w+@@", page.read_text(encoding="utf-8")) == []


def test_decisions_are_numbered_without_gaps():
    numbers = [int(page.name[:4]) for page in sorted((ROOT / "docs" / "decisions").glob("*.md"))]

    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "decisions").glob("*.md")), ids=name)
def test_a_decision_says_context_choice_what_was_turned_down_and_cost(page):
    text = page.read_text(encoding="utf-8")

    assert text.startswith(f"# {int(page.name[:4])}. ")
    titles = re.findall(r"^\*\*(.+?)\.\*\*", text, re.MULTILINE)
    assert [title for title in titles if title in DECISION] == DECISION
