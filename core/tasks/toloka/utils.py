"""What tasks for Toloka are made with.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import outside_function

extract_id = outside_function("extract_id", __name__, "obj, cl")
structure_from_conf = outside_function("structure_from_conf", __name__, "obj, cl")
with_logger = outside_function("with_logger", __name__, "func")
with_toloka_client = outside_function("with_toloka_client", __name__, "func")
with_updated_signature = outside_function(
    "with_updated_signature", __name__, "func, wrapper, add_wrapper_args=(), remove_func_args=()"
)
