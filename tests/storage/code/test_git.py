"""Flows in a file of a Git repository: core.md §16.4. What is fetched how is in ``tests/core/utilities/test_git.py``."""

from __future__ import annotations

import json

import pytest
from git_origin import GitOrigin

import prefect
from prefect import Flow
from prefect.exceptions import FlowStorageError
from prefect.serialization import deserialize_storage
from prefect.storage import Git

SCRIPT = """
from pathlib import Path
from prefect import Flow, Task
f = Flow("f", tasks=[Task(Path(__file__).with_name("name.txt").read_text())])
g = Flow("g")
"""


@pytest.fixture
def origin(tmp_path):
    origin = GitOrigin(tmp_path)
    origin.commit("of the first version", file="flows/name.txt")
    origin.first = origin.commit(SCRIPT)
    origin.tag("v1")
    origin.commit("of the second version", file="flows/name.txt")
    return origin


@pytest.fixture
def stored(origin):
    """Makes a storage in that repository that holds a flow."""
    with prefect.context(secrets={"ADDRESS": str(origin.bare)}):

        def make(name="f", path="flows/mine.py", **more):
            storage = Git(path, git_clone_url_secret_name="ADDRESS", **more)
            storage.flows[name] = path
            return storage

        yield make


def tasks_of(flow):
    return [task.name for task in flow.tasks]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"repo": "a/b", "branch_name": "b", "tag": "t"},
            "Please provide only one of `branch_name`, `tag` and `commit`.",
        ),
        ({}, "Either `repo` or `git_clone_url_secret_name` must be provided."),
    ],
)
def test_what_a_repository_cannot_be_is_refused(arguments, message):
    with pytest.raises(ValueError) as caught:
        Git("mine.py", **arguments)

    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("arguments", "address"),
    [
        ({"repo": "o/r"}, "https://github.com/o/r.git"),
        ({"repo": "o/r", "repo_host": "example.com", "use_ssh": True}, "git@example.com:o/r.git"),
        ({"repo": "o/r", "git_token_secret_name": "TOKEN"}, "https://o:value@github.com/o/r.git"),
        (
            {"repo": "o/r", "git_token_secret_name": "TOKEN", "git_token_username": "user"},
            "https://user:value@github.com/o/r.git",
        ),
        (
            {"repo": "o/r", "git_token_secret_name": "TOKEN", "format_access_token": False},
            "https://value@github.com/o/r.git",
        ),
        ({"git_clone_url_secret_name": "TOKEN"}, "value"),
    ],
)
def test_a_repository_is_cloned_from_its_address(arguments, address):
    with prefect.context(secrets={"TOKEN": "value"}):
        assert Git("mine.py", **arguments).git_clone_url == address


@pytest.mark.parametrize(
    ("token", "written"),
    [("a/b@c:d", "a%2Fb%40c%3Ad"), ("already%2Fquoted", "already%2Fquoted"), ("a-b_c.d~e", "a-b_c.d~e")],
)
def test_a_token_may_have_what_an_address_has_not(token, written):
    with prefect.context(secrets={"TOKEN": token}):
        url = Git("mine.py", "o/r", git_token_secret_name="TOKEN", git_token_username="me@example.com").git_clone_url

    assert url == f"https://me%40example.com:{written}@github.com/o/r.git"


def test_a_missing_token_is_an_error():
    with pytest.raises(ValueError, match='Local Secret "TOKEN" was not found'):
        _ = Git("mine.py", "o/r", git_token_secret_name="TOKEN").git_token_secret


@pytest.mark.parametrize(
    ("arguments", "warning"),
    [
        ({"repo": "o/r", "git_clone_url_secret_name": "A"}, "what else it was told about the repository is ignored"),
        ({"repo": "o/r", "use_ssh": True, "git_token_secret_name": "A"}, "its `git_token_secret_name` is ignored"),
    ],
)
def test_what_is_ignored_is_said(arguments, warning, caplog):
    Git("mine.py", **arguments).add_flow(Flow("f"))

    assert [warning in record.getMessage() for record in caplog.records] == [True]


def test_the_location_of_a_flow_is_the_path_of_its_file():
    storage = Git("flows/mine.py", "owner/repo")

    assert storage.add_flow(Flow("f")) == "flows/mine.py"
    assert (storage.labels, storage.result, storage.source_file) == ([], None, None)


def test_a_file_of_a_repository_is_there_already():
    storage = Git("flows/mine.py", "owner/repo")
    storage.add_flow(Flow("f"))

    assert storage.build() is storage


def test_a_flow_is_taken_from_its_file_beside_the_others_of_the_repository(stored):
    assert tasks_of(stored().get_flow("f")) == ["of the second version"]


def test_a_branch_tag_or_commit_is_taken_if_it_is_named(stored, origin):
    origin.commit("of a branch", file="flows/name.txt", branch="other")

    assert tasks_of(stored(tag="v1").get_flow("f")) == ["of the first version"]
    assert tasks_of(stored(commit=origin.first).get_flow("f")) == ["of the first version"]
    assert tasks_of(stored(branch_name="other").get_flow("f")) == ["of a branch"]


def test_a_storage_that_came_through_json_gives_the_same_flow(stored):
    storage = deserialize_storage(json.loads(json.dumps(stored(tag="v1").serialize())))

    assert tasks_of(storage.get_flow("f")) == ["of the first version"]


def test_a_path_begins_at_the_root_of_the_repository(stored):
    assert tasks_of(stored(path="/flows/mine.py").get_flow("f")) == ["of the second version"]


@pytest.mark.parametrize("module", ["flows/beside.py", "beside/__init__.py"])
def test_a_module_of_the_repository_is_not_imported_and_that_is_said(stored, origin, module):
    origin.commit("", file=module)
    origin.commit("import beside.inner")

    with pytest.raises(ModuleNotFoundError) as caught:
        stored().get_flow("f")

    assert str(caught.value) == (
        f"The file 'flows/mine.py' of the Git repository {origin.bare} imports 'beside', which is in the repository, and"
        " nothing is imported from there. Install it where runs are executed, or start the agent with an `--import-path` to"
        " it."
    )


def test_a_module_that_is_nowhere_is_an_error_of_the_file(stored, origin):
    origin.commit("import no_such_module_of_flows")

    with pytest.raises(ModuleNotFoundError) as caught:
        stored().get_flow("f")

    assert str(caught.value) == "No module named 'no_such_module_of_flows'"


def test_of_several_flows_that_of_the_name_is_taken(stored):
    assert stored("g").get_flow("g").name == "g"


def test_the_name_in_the_file_may_be_given(stored):
    assert stored("registered name", flow_name="g").get_flow("registered name").name == "g"


def test_of_one_flow_the_name_does_not_matter(stored, origin):
    origin.commit("from prefect import Flow\nf = Flow('named when executed')")

    assert stored().get_flow("f").name == "named when executed"


def test_of_several_flows_none_is_taken_for_another_name(stored):
    with pytest.raises(ValueError, match=r"^Flow 'h' not found in .*/flows/mine\.py\. Found flows: 'f', 'g'\.$"):
        stored("h").get_flow("h")


def test_a_name_that_the_file_does_not_have_is_refused(stored):
    with pytest.raises(ValueError, match=r"^Flow 'h' not found in .*/flows/mine\.py\."):
        stored(flow_name="h").get_flow("f")


def test_a_flow_that_was_not_added_is_refused(stored):
    with pytest.raises(ValueError, match=r"^Flow 'g' is not contained in <Storage: Git>\. Found flows: 'f'\.$"):
        stored().get_flow("g")


def test_a_file_that_the_repository_does_not_have_is_said(stored, origin):
    with pytest.raises(FlowStorageError) as caught:
        stored(path="flows/missing.py", tag="v1").get_flow("f")

    assert str(caught.value) == (
        f"The Git repository {origin.bare} has no file 'flows/missing.py' at its tag 'v1'."
        " Push it, or correct the `flow_path` of the Git storage and register the flow again."
    )


def test_an_address_that_no_secret_tells_is_an_error(stored):
    storage = stored()

    with prefect.context(secrets={}), pytest.raises(ValueError, match='Local Secret "ADDRESS" was not found'):
        storage.get_flow("f")
