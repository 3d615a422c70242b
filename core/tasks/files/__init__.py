"""Tasks for files and folders.

Source: core.md §21.2.
"""

from __future__ import annotations

from prefect.tasks.files.compression import Unzip as Unzip
from prefect.tasks.files.compression import Zip as Zip
from prefect.tasks.files.operations import Copy as Copy
from prefect.tasks.files.operations import Glob as Glob
from prefect.tasks.files.operations import Move as Move
from prefect.tasks.files.operations import Remove as Remove

__all__ = ["Copy", "Glob", "Move", "Remove", "Unzip", "Zip"]
