"""Copy, move, remove and find files. Source: core.md §21.2."""

from __future__ import annotations

from pathlib import Path

import pytest

import prefect
from prefect import Flow
from prefect.tasks.files import Copy, Glob, Move, Remove


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """A working folder with ``a.txt``, an empty folder ``empty`` and ``tree/``."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / "empty").mkdir()
    (tmp_path / "tree" / "sub").mkdir(parents=True)
    (tmp_path / "tree" / "x.txt").write_text("x")
    (tmp_path / "tree" / "sub" / "y.txt").write_text("y")
    return tmp_path


def files(folder="."):
    return sorted(str(path) for path in Path(folder).rglob("*") if path.is_file())


class TestCopy:
    def test_a_file_is_copied_with_its_mode(self, here, logged):
        (here / "a.txt").chmod(0o640)

        assert Copy(source_path="a.txt").run(target_path=here / "b.txt") == here / "b.txt"

        assert ((here / "b.txt").read_text(), (here / "b.txt").stat().st_mode & 0o777) == ("a", 0o640)
        assert logged == [("INFO", f"Copying a.txt to {here / 'b.txt'}...")]

    def test_a_file_may_be_copied_into_a_folder(self):
        assert Copy(source_path="a.txt", target_path="empty").run() == Path("empty/a.txt")

    def test_a_file_replaces_another(self):
        assert Copy(source_path="a.txt", target_path="tree/x.txt").run() == Path("tree/x.txt")
        assert Path("tree/x.txt").read_text() == "a"

    def test_a_folder_is_copied_with_all_that_is_in_it(self):
        assert Copy(source_path="tree", target_path="copy").run() == Path("copy")
        assert files("copy") == ["copy/sub/y.txt", "copy/x.txt"]

    def test_a_folder_does_not_replace_another(self):
        with pytest.raises(FileExistsError):
            Copy(source_path="tree", target_path="empty").run()

    def test_a_folder_for_the_target_must_exist(self):
        with pytest.raises(FileNotFoundError):
            Copy(source_path="a.txt", target_path="missing/b.txt").run()


class TestMove:
    def test_a_file_is_moved(self, logged):
        assert Move(source_path="a.txt", target_path="b.txt").run() == Path("b.txt")

        assert files() == ["b.txt", "tree/sub/y.txt", "tree/x.txt"]
        assert logged == [("INFO", "Moving a.txt to b.txt...")]

    def test_a_file_may_be_moved_into_a_folder(self):
        assert Move(source_path="a.txt", target_path="empty").run() == Path("empty/a.txt")

    def test_a_folder_is_moved(self):
        assert Move(source_path=Path("tree"), target_path="moved").run() == Path("moved")
        assert files() == ["a.txt", "moved/sub/y.txt", "moved/x.txt"]


@pytest.mark.parametrize("task", [Copy, Move])
class TestPaths:
    def test_a_source_is_needed(self, task):
        with pytest.raises(ValueError, match=r"^No `source_path` provided."):
            task(target_path="b.txt").run()

    def test_a_target_is_needed(self, task):
        with pytest.raises(ValueError, match=r"^No `target_path` provided."):
            task(source_path="a.txt").run()

    def test_the_source_must_exist(self, task, here):
        with pytest.raises(ValueError) as info:
            task(source_path="missing", target_path="b.txt").run()

        assert str(info.value) == (
            f"Source path (missing) not found. Check `source_path`; relative paths begin in {here}."
        )


class TestRemove:
    def test_a_file_is_removed(self, logged):
        assert Remove(path="a.txt").run() is None

        assert files() == ["tree/sub/y.txt", "tree/x.txt"]
        assert logged == [("INFO", "Removing a.txt...")]

    def test_an_empty_folder_is_removed(self, here):
        Remove().run(path=here / "empty")

        assert not (here / "empty").exists()

    def test_a_folder_with_files_is_not_removed(self):
        with pytest.raises(OSError, match="not empty"):
            Remove(path="tree").run()

        assert files("tree") == ["tree/sub/y.txt", "tree/x.txt"]

    def test_of_a_link_to_a_folder_only_the_link_is_removed(self, here):
        (here / "link").symlink_to("tree")

        Remove(path="link").run()

        assert (list(here.glob("link")), files("tree")) == ([], ["tree/sub/y.txt", "tree/x.txt"])

    def test_a_link_that_leads_nowhere_is_removed(self, here):
        (here / "link").symlink_to("nowhere")

        Remove(path="link").run()

        assert not (here / "link").is_symlink()

    def test_a_path_is_needed(self):
        with pytest.raises(ValueError, match=r"^No `path` provided."):
            Remove().run()

    def test_what_is_removed_must_exist(self):
        with pytest.raises(ValueError, match=r"^Path \(missing\) not found."):
            Remove(path="missing").run()


class TestGlob:
    @pytest.mark.parametrize(
        ("pattern", "found"),
        [
            ("*", ["tree/sub", "tree/x.txt"]),
            ("*.txt", ["tree/x.txt"]),
            ("**/*.txt", ["tree/sub/y.txt", "tree/x.txt"]),
            ("*.csv", []),
        ],
    )
    def test_what_matches_is_returned_in_order(self, pattern, found, logged):
        assert Glob(path="tree", pattern=pattern).run() == [Path(path) for path in found]
        assert logged == [("DEBUG", f"Glob path: tree/{pattern}")]

    def test_all_of_a_folder_is_found_by_default(self, here):
        assert Glob(path=here / "tree").run() == [here / "tree" / "sub", here / "tree" / "x.txt"]

    def test_nothing_is_in_a_folder_that_does_not_exist(self):
        assert Glob(path="missing").run() == []

    def test_a_path_is_needed(self):
        with pytest.raises(ValueError, match=r"^No `path` provided."):
            Glob(pattern="*").run()


def test_a_flow_copies_what_another_task_has_found(here):
    with Flow("f") as flow:
        found = Glob(path="tree", pattern="**/*.txt")()
        copies = Copy(target_path="empty").map(source_path=found)

    state = flow.run()

    assert state.result[copies].result == [Path("empty/y.txt"), Path("empty/x.txt")]
    assert files("empty") == ["empty/x.txt", "empty/y.txt"]


def test_the_package_is_an_attribute_after_a_bare_import():
    assert prefect.tasks.files.Copy is Copy
