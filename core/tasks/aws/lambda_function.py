"""Tasks for AWS Lambda.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class LambdaCreate(
    OutsideTask,
    init=(
        "function_name, runtime, role, handler, zip_file=None, bucket='', bucket_key='', "
        "object_version=None, description='', function_timeout=3, memorysize=128, publish=True, "
        "subnet_ids=None, security_group_ids=None, dead_letter_config=None, environment_variables=None, "
        "kms_key_arn='', function_tags=None, tracing_config='PassThrough', layers=None, boto_kwargs=None"
    ),
    run="credentials=None",
):
    """Creates a function."""


class LambdaDelete(OutsideTask, init="function_name, qualifier='', boto_kwargs=None", run="credentials=None"):
    """Deletes a function."""


class LambdaInvoke(
    OutsideTask,
    init=(
        "function_name, invocation_type='RequestResponse', log_type='None', client_context=None, "
        "payload='null', qualifier='$LATEST', boto_kwargs=None"
    ),
    run="function_name=None, payload=None, credentials=None",
):
    """Invokes a function."""


class LambdaList(
    OutsideTask,
    init="master_region='ALL', function_version='ALL', marker=None, max_items=50, boto_kwargs=None",
    run="credentials=None",
):
    """Lists functions."""
