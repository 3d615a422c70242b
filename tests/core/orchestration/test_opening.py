"""The store of the user (store.md §3 and §9)."""

from __future__ import annotations

import gc
import os

import pytest

from prefect.config_file import InvalidConfigurationError
from prefect.orchestration.opening import local_store
from prefect.utilities.configuration import set_temporary_config


def test_the_store_is_below_the_home_folder(tmp_path):
    with set_temporary_config({"home_dir": str(tmp_path)}):
        assert local_store().root == str(tmp_path / "store")


def test_opening_touches_no_file(tmp_path):
    with set_temporary_config({"home_dir": str(tmp_path / "home")}):
        local_store()

    assert list(tmp_path.iterdir()) == []


def test_a_process_has_one_store_for_each_home(tmp_path):
    with set_temporary_config({"home_dir": str(tmp_path / "a")}):
        first = local_store()
        assert local_store() is first
    with set_temporary_config({"home_dir": str(tmp_path / "b")}):
        assert local_store() is not first


def test_a_home_that_is_not_absolute_is_one_of_the_present_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with set_temporary_config({"home_dir": "home"}):
        assert local_store().root == os.path.join(tmp_path, "home", "store")


@pytest.mark.parametrize(("settings", "syncs"), [({}, True), ({"store.durability": "process"}, False)])
def test_what_is_acknowledged_is_on_disk_unless_configured_otherwise(tmp_path, settings, syncs):
    with set_temporary_config({"home_dir": str(tmp_path), **settings}):
        assert local_store().files.syncs is syncs


def test_another_durability_is_refused(tmp_path):
    with (
        set_temporary_config({"home_dir": str(tmp_path), "store.durability": "paper"}),
        pytest.raises(InvalidConfigurationError) as caught,
    ):
        local_store()

    assert str(caught.value) == (
        "The setting store.durability is 'paper', and it must be 'disk' or 'process'."
        " Take it out of the configuration to have 'disk'."
    )


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="the system does not tell what is open")
def test_stores_of_homes_that_a_process_has_left_are_closed(tmp_path):
    before = len(os.listdir("/proc/self/fd"))
    for number in range(40):
        with set_temporary_config({"home_dir": str(tmp_path / str(number))}):
            local_store().feed.append({"run": "a"})
    gc.collect()

    assert len(os.listdir("/proc/self/fd")) - before < 40
