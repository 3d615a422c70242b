"""The plugin registries ``prefect.api``, ``prefect.models`` and ``prefect.plugins``: they exist and are empty.

Source: core.md §1.2.
"""

from __future__ import annotations

from prefect.utilities.collections import DotDict

#: Registry of plugins by name.
plugins = DotDict()
#: Registry of models.
models = DotDict()
#: Registry of API extensions.
api = DotDict()
