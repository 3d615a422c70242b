"""What the documentation shows is what happens: its programs and commands are executed."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import prefect

ROOT = Path(__file__).parent.parent
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
#: The first is made from the help of the commands; the examples of both have tests of their own.
TESTED_ELSEWHERE = [ROOT / "docs" / "cli-reference.md", ROOT / "docs" / "store-format.md"]
#: Programs whose commands are left out where they are not installed.
NOT_EVERYWHERE = ["dot", "jq", "make"]
DECISION = ["Context", "Choice", "Turned down", "Cost"]
#: Files that a page has the reader write, and what is typed.
FENCE = re.compile(r"^```(?P<language>python|toml|make|console)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?P<target>[^)#:]+)(#[^)]*)?\)")
#: A link to a heading, of the same page if no other is named.
ANCHOR = re.compile(r"\]\((?P<target>[^)#:]*)#(?P<heading>[^)]+)\)")
HEADING = re.compile(r"^#+ (?P<title>.+)$", re.MULTILINE)


def blocks(page: Path) -> list[tuple[str, str]]:
    return [(match["language"], match["text"]) for match in FENCE.finditer(page.read_text(encoding="utf-8"))]


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


#: What is new each time, or on each machine.
NEW_EACH_TIME = {
    r"\d\d:\d\d:\d\d": "hh:mm:ss",
    r"\d{4}-\d\d-\d\d": "yyyy-mm-dd",
    r"\.\d{6}\b": ".ffffff",
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}": "<id>",
    r"agentless-run-[0-9a-f]{8}": "agentless-run-<hex>",
    r"(?<=└── Name: )[a-z]+-[a-z]+\b": "<name>",
    r"PID \d+ on \S+": "PID <number> on <host>",
    # The agent writes this one while the process that it started begins to write its own lines.
    r".*Submitted for execution: PID.*\n": "",
    r"(a few|\d+) seconds? ago": "<ago>",
    r" {2,}": "  ",
}


def plain(text: str, home: Path) -> str:
    """Return an output without what is new each time; pages show the home of you on a machine named laptop."""
    text = text.replace(str(home), "/home/you").replace(repr(socket.gethostname()), "'laptop'")
    for pattern, stands_for in NEW_EACH_TIME.items():
        text = re.sub(pattern, stands_for, text)
    return text


def transcript(text: str) -> list[tuple[str, str]]:
    """Each command after a `$` with the lines that follow it."""
    parts = re.split(r"^\$ (.*)\n", text, flags=re.MULTILINE)
    return list(zip(parts[1::2], parts[2::2]))


@pytest.fixture
def shell(home, cwd):
    """Runs a line as typed in a shell of its own; what it leaves in the background is ended with the test."""
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "TZ": "UTC",
        "LANG": "C.UTF-8",
    }
    sessions = []

    def run(line: str) -> str:
        process = subprocess.Popen(
            ["sh", "-c", line],
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        sessions.append(process.pid)
        return "".join(process.communicate(timeout=120))

    yield run
    for session in sessions:
        try:
            os.killpg(session, signal.SIGKILL)
        except ProcessLookupError:
            pass


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page) and page not in TESTED_ELSEWHERE], ids=name)
def test_commands_of_the_page_print_what_it_shows(page, shell, home, cwd):
    for language, text in blocks(page):
        if language != "console":
            file = re.match(r"# (~/)?(\S+)\n", text)
            assert file, f"a file in {name(page)} does not begin with its name"
            written = (home if file[1] else cwd) / file[2]
            written.parent.mkdir(parents=True, exist_ok=True)
            written.write_text(text)
            continue
        for command, output in transcript(text):
            if any(f"{tool} " in command and shutil.which(tool) is None for tool in NOT_EVERYWHERE):
                continue
            if command.startswith("git ") and shutil.which("git") is None:
                pytest.skip("the commands of the page need git")
            assert plain(shell(command), home) == plain(output, home), command


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_of_the_page_lead_somewhere(page):
    targets = [match["target"] for match in LINK.finditer(page.read_text(encoding="utf-8"))]

    assert [target for target in targets if not (page.parent / target).exists()] == []


def anchors(page: Path) -> set[str]:
    """What links to the headings of a page end with."""
    titles = (match["title"].lower() for match in HEADING.finditer(page.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w -]", "", title).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_of_the_page_to_headings_lead_to_some(page):
    links = [(match["target"], match["heading"]) for match in ANCHOR.finditer(page.read_text(encoding="utf-8"))]
    of_pages = [((page.parent / target if target else page), heading) for target, heading in links]

    assert [link for link in of_pages if link[0].suffix == ".md" and link[1] not in anchors(link[0])] == []


def test_the_index_names_every_page_once():
    index = ROOT / "docs" / "README.md"
    targets = [match["target"] for match in LINK.finditer(index.read_text(encoding="utf-8"))]

    pages = {page.name for page in index.parent.glob("*.md")} - {index.name}
    assert sorted(target for target in targets if target.endswith(".md")) == sorted(pages)


def test_each_state_of_the_table_is_what_its_row_asks():
    page = ROOT / "docs" / "states-retries-triggers.md"
    rows = re.findall(r"^\| .+? \| (`[A-Z].+) \| (`is_.+) \|$", page.read_text(encoding="utf-8"), re.MULTILINE)
    asked = [(re.findall(r"`(\w+)`", states), re.findall(r"`(is_\w+)\(\)`", questions)) for states, questions in rows]

    assert len(asked) == 6
    for states, questions in asked:
        made = [getattr(prefect.engine.state, state)() for state in states]
        assert [state for state in made if not any(getattr(state, question)() for question in questions)] == []
        assert [question for question in questions if not any(getattr(state, question)() for state in made)] == []


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
