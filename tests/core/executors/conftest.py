"""Processes are forked only while there is one thread; those that earlier tests leave end within a second or two."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # what several test files share is no package


@pytest.fixture(autouse=True)
def no_threads_of_earlier_tests():
    for thread in threading.enumerate():
        if thread.daemon and thread.name.startswith("prefect-"):
            thread.join(timeout=5)
