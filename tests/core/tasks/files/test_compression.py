"""Zip archives. Source: core.md §21.2."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from prefect import Flow
from prefect.tasks.files import Unzip, Zip


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """A working folder with ``a.txt`` and ``tree/``."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / "tree" / "sub").mkdir(parents=True)
    (tmp_path / "tree" / "x.txt").write_text("x")
    (tmp_path / "tree" / "sub" / "y.txt").write_text("y")
    return tmp_path


def names(path):
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


class TestZip:
    @pytest.mark.parametrize(
        ("source", "stored"),
        [
            ("a.txt", ["a.txt"]),
            ("tree/sub/y.txt", ["y.txt"]),
            ("tree", ["tree/sub/y.txt", "tree/x.txt"]),
            ("tree/", ["tree/sub/y.txt", "tree/x.txt"]),
            ("tree/sub", ["sub/y.txt"]),
            (["tree", "a.txt", Path("tree/x.txt")], ["tree/sub/y.txt", "tree/x.txt", "a.txt", "x.txt"]),
        ],
    )
    def test_a_file_is_stored_by_its_name_and_a_folder_with_its_own(self, source, stored):
        assert Zip(source_path=source, zip_path="all.zip").run() is None
        assert names("all.zip") == stored

    def test_an_absolute_path_is_stored_like_a_relative_one(self, here):
        Zip(source_path=here / "tree", zip_path=here / "all.zip").run()

        assert names("all.zip") == ["tree/sub/y.txt", "tree/x.txt"]

    def test_the_current_folder_is_stored_without_a_name_and_without_the_archive(self):
        Zip(source_path=".", zip_path="all.zip").run()

        assert names("all.zip") == ["a.txt", "tree/sub/y.txt", "tree/x.txt"]

    def test_what_is_done_is_logged(self, logged):
        Zip().run(source_path=["tree", "a.txt"], zip_path="all.zip")

        assert logged == [
            ("INFO", "Creating zip archive all.zip"),
            ("INFO", "Adding tree to archive"),
            ("INFO", "Adding a.txt to archive"),
        ]

    def test_a_source_that_does_not_exist_is_left_out_with_a_warning(self, logged):
        Zip().run(source_path=["missing.txt", "a.txt"], zip_path="all.zip")

        assert names("all.zip") == ["a.txt"]
        assert ("WARNING", "missing.txt does not exist, so the archive lacks it") in logged

    def test_an_archive_that_exists_is_replaced(self):
        Zip(zip_path="all.zip").run(source_path="tree")
        Zip(zip_path="all.zip").run(source_path="a.txt")

        assert names("all.zip") == ["a.txt"]

    @pytest.mark.parametrize(
        ("method", "number"),
        [
            ("store", zipfile.ZIP_STORED),
            ("deflate", zipfile.ZIP_DEFLATED),
            ("bzip2", zipfile.ZIP_BZIP2),
            ("lzma", zipfile.ZIP_LZMA),
        ],
    )
    def test_the_method_can_be_chosen(self, method, number):
        Zip(source_path="a.txt", zip_path="all.zip", compression_method=method).run()

        with zipfile.ZipFile("all.zip") as archive:
            assert [entry.compress_type for entry in archive.infolist()] == [number]

    def test_the_level_can_be_chosen(self, here):
        (here / "long.txt").write_text("x" * 10_000)
        for level in (0, 9):
            Zip(source_path="long.txt", zip_path=f"{level}.zip", compression_level=level).run()

        assert (here / "9.zip").stat().st_size < 10_000 < (here / "0.zip").stat().st_size

    @pytest.mark.parametrize("method", ["rar", None])
    def test_an_unknown_method_is_refused_at_once(self, method):
        with pytest.raises(ValueError) as info:
            Zip(compression_method=method)

        assert str(info.value) == (
            f"Compression method {method} is not supported. Take one of: store, deflate, bzip2, lzma."
        )

    @pytest.mark.parametrize("source", ["", [], None])
    def test_a_source_is_needed(self, source):
        with pytest.raises(ValueError, match=r"^No `source_path` provided."):
            Zip(source_path=source, zip_path="all.zip").run()

    def test_a_path_of_the_archive_is_needed(self):
        with pytest.raises(ValueError, match=r"^No `zip_path` provided."):
            Zip(source_path="a.txt").run()


class TestUnzip:
    @pytest.fixture(autouse=True)
    def archive(self, here):
        Zip(source_path="tree", zip_path="tree.zip").run()

    def files(self, folder):
        return sorted(path.relative_to(folder).as_posix() for path in Path(folder).rglob("*") if path.is_file())

    def test_an_archive_is_unpacked_into_a_folder_that_is_made(self, logged):
        assert Unzip(zip_path="tree.zip", extract_dir="deep/out").run() == Path("deep/out")

        assert self.files("deep/out") == ["tree/sub/y.txt", "tree/x.txt"]
        assert logged == [("INFO", "Extracting 'tree.zip' to 'deep/out'")]

    def test_it_is_unpacked_into_the_current_folder_by_default(self, here, monkeypatch):
        (here / "cwd").mkdir()
        monkeypatch.chdir("cwd")

        assert Unzip().run(zip_path="../tree.zip") == here / "cwd"
        assert self.files(here / "cwd") == ["tree/sub/y.txt", "tree/x.txt"]

    def test_no_name_in_an_archive_leads_out_of_the_folder(self, here):
        with zipfile.ZipFile("evil.zip", "w") as archive:
            archive.writestr("../../evil.txt", "evil")

        Unzip(zip_path="evil.zip", extract_dir="out").run()

        assert (self.files("out"), list(here.parent.glob("evil.txt"))) == (["evil.txt"], [])

    @pytest.mark.parametrize("password", ["secret", b"secret"])
    def test_a_password_may_be_text_or_bytes(self, password):
        assert Unzip(zip_path="tree.zip", extract_dir="out").run(password=password) == Path("out")

    def test_a_path_is_needed(self):
        with pytest.raises(ValueError, match=r"^No `zip_path` provided"):
            Unzip().run()

    def test_the_archive_must_exist(self):
        with pytest.raises(ValueError, match=r"^`zip_path` 'missing.zip' not found"):
            Unzip(zip_path="missing.zip").run()

    def test_a_file_that_is_no_archive_is_a_type_error(self):
        with pytest.raises(TypeError, match=r"^`zip_path` 'a.txt' is not a zip file"):
            Unzip(zip_path="a.txt").run()


def test_a_flow_packs_and_unpacks():
    with Flow("f") as flow:
        packed = Zip()(source_path="tree", zip_path="all.zip")
        Unzip(zip_path="all.zip", extract_dir="out")(upstream_tasks=[packed])

    assert flow.run().is_successful()
    assert Path("out/tree/sub/y.txt").read_text() == "y"
    assert os.path.getsize("all.zip") > 0
