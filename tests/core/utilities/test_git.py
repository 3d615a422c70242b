"""``TemporaryGitRepo``: one commit of a repository in a temporary folder. Source: core.md §16.4."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from git_origin import GitOrigin

from prefect.exceptions import FlowStorageError
from prefect.utilities.git import TemporaryGitRepo


@pytest.fixture(autouse=True)
def no_settings_of_git(monkeypatch):
    for name in ("GIT_SSH_COMMAND", "GIT_SSH"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def origin(tmp_path):
    origin = GitOrigin(tmp_path)
    origin.first = origin.commit("first")
    origin.tag("v1")
    origin.commit("second")
    origin.tag("v2", annotated=True)
    origin.commit("on a branch", branch="other")
    origin.commit("newest")
    return origin


def content(address, **revision) -> str:
    with TemporaryGitRepo(str(address), **revision) as repo:
        return Path(repo.temp_dir.name, "flows", "mine.py").read_text()


def commits(address, **arguments) -> int:
    with TemporaryGitRepo(str(address), **arguments) as repo:
        return sum(1 for _ in repo.repo.get_walker([repo.commit_id]))


def refused(address, **revision) -> str:
    with pytest.raises(FlowStorageError) as caught:
        content(address, **revision)
    return str(caught.value)


def test_the_default_branch_is_taken(origin):
    assert content(origin.bare) == "newest"


@pytest.mark.parametrize(
    ("revision", "text"),
    [
        ({"branch_name": "main"}, "newest"),
        ({"branch_name": "other"}, "on a branch"),
        ({"tag": "v1"}, "first"),
        ({"tag": "v2"}, "second"),
    ],
)
def test_a_branch_or_tag_is_taken(origin, revision, text):
    assert content(origin.bare, **revision) == text


def test_a_commit_is_taken_by_its_id_or_the_beginning_of_it(origin):
    assert content(origin.bare, commit=origin.first) == "first"
    assert content(origin.bare, commit=origin.first[:10]) == "first"
    assert content(origin.bare, commit=origin.first.upper()) == "first"


@pytest.mark.parametrize(
    "credentials", ["user:token", "token", "me@example.com:token", "user:to/ken@1?#", "user:12/ab", ":token"]
)
def test_the_address_that_is_shown_has_no_credentials(credentials):
    repo = TemporaryGitRepo(f"https://{credentials}@example.com/owner/repo.git")

    assert repo.address == "https://example.com/owner/repo.git"


def test_the_address_may_be_that_of_a_file(origin):
    assert content(origin.bare.as_uri()) == "newest"


def test_one_commit_is_fetched_unless_more_are_asked_for(origin):
    assert [commits(origin.bare, clone_depth=depth) for depth in (1, 2, 0)] == [1, 2, 4]
    assert commits(origin.bare, commit=origin.first) == 1
    assert commits(origin.bare) == 1


def test_nothing_is_left_behind(origin):
    with TemporaryGitRepo(str(origin.bare)) as repo:
        folder = repo.temp_dir.name
        assert os.path.isdir(folder)

    assert not os.path.exists(folder)


def test_nothing_is_left_behind_by_what_cannot_be_fetched(origin):
    repo = TemporaryGitRepo(str(origin.bare), tag="missing")

    with pytest.raises(FlowStorageError):
        repo.__enter__()

    assert not os.path.exists(repo.temp_dir.name)


@pytest.mark.parametrize(
    ("revision", "words"),
    [
        ({"branch_name": "missing"}, "branch 'missing'"),
        ({"branch_name": "v1"}, "branch 'v1'"),
        ({"tag": "main"}, "tag 'main'"),
        ({"commit": "a" * 40}, f"commit '{'a' * 40}'"),
        ({"commit": "nothing"}, "commit 'nothing'"),
    ],
)
def test_what_the_repository_does_not_have_is_said(origin, revision, words):
    assert refused(origin.bare, **revision) == (
        f"The Git repository {origin.bare} has no {words}. Push it, or name one that it has."
    )


def test_a_repository_in_which_nothing_is_has_no_default_branch(tmp_path):
    origin = GitOrigin(tmp_path)

    assert refused(origin.bare) == (
        f"The Git repository {origin.bare} has no default branch. Push it, or name one that it has."
    )


def test_a_repository_that_does_not_exist_is_said(tmp_path):
    assert refused(tmp_path / "missing") == (
        f"The Git repository {tmp_path}/missing cannot be fetched: NotGitRepository: No git repository was found at"
        f" {tmp_path}/missing. Check the address, the access to it and what is asked for."
    )


# ---- over the network ------------------------------------------------------------------------------------------------


def test_over_http_the_credentials_in_the_address_are_used(origin):
    with origin.over_http("somebody", "token") as address:
        assert content(f"http://somebody:token@{address}") == "newest"
        assert content(f"http://somebody:token@{address}", commit=origin.first) == "first"


def test_credentials_are_in_no_error_and_no_traceback(origin):
    with origin.over_http("somebody", "token") as address:
        # In a process of its own, since dulwich leaves the refused request to the garbage collector.
        program = (
            "from prefect.utilities.git import TemporaryGitRepo\n"
            f"url = 'http://somebody:' + 'wro' + 'ng@{address}'\n"
            "TemporaryGitRepo(url).__enter__()\n"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert done.stderr.splitlines()[-1] == (
        f"prefect.exceptions.FlowStorageError: The Git repository http://{address} cannot be fetched: HTTPUnauthorized: No"
        " valid credentials provided. Check the address, the access to it and what is asked for."
    )
    assert "wrong" not in done.stderr


def test_a_server_that_hands_out_branches_and_tags_only_is_asked_for_all(origin):
    with origin.over_git() as address:
        assert content(address) == "newest"
        assert content(address, commit=origin.first) == "first"
        assert content(address, commit=origin.first[:10]) == "first"


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("git://127.0.0.1:1/owner/repo.git", "ConnectionRefusedError"),
        ("http://127.0.0.1:1/owner/repo.git", "GitProtocolError"),
    ],
)
def test_a_server_that_is_not_there_is_said(address, kind):
    assert refused(address) == (
        f"The Git repository {address} cannot be fetched: {kind}: [Errno {errno.ECONNREFUSED}] Connection refused."
        " Check the address, the access to it and what is asked for."
    )


@pytest.mark.parametrize("variable", ["GIT_SSH_COMMAND", "GIT_SSH"])
def test_over_ssh_the_command_is_the_one_that_git_would_use(origin, tmp_path, monkeypatch, variable):
    monkeypatch.setenv(variable, origin.ssh_command(tmp_path))

    assert content("git@example.com:owner/repo.git") == "newest"
    assert (tmp_path / "asked").read_text().endswith("git@example.com git-upload-pack 'owner/repo.git'\n")


def test_the_settings_of_git_apply(origin, tmp_path, monkeypatch):
    (tmp_path / ".gitconfig").write_text(f'[url "{origin.bare.parent.parent}/"]\n  insteadOf = https://example.com/\n')
    monkeypatch.setenv("HOME", str(tmp_path))

    assert content("https://example.com/owner/repo.git") == "newest"


# ---- without dulwich -------------------------------------------------------------------------------------------------


def test_without_dulwich_the_extra_is_named(origin, monkeypatch):
    monkeypatch.setitem(sys.modules, "dulwich", None)

    with pytest.raises(ImportError) as caught:
        content(f"https://user:token@example.com/{origin.bare.name}")

    assert str(caught.value) == (
        "The Git repository https://example.com/repo.git needs the package dulwich, which is not installed."
        ' Run: pip install "praefectus[git]"'
    )
