"""Amazon Web Services: S3, Lambda, Batch, Step Functions, secrets and parameters."""

from __future__ import annotations

from prefect.tasks.aws.batch import BatchSubmit as BatchSubmit
from prefect.tasks.aws.client_waiter import AWSClientWait as AWSClientWait
from prefect.tasks.aws.lambda_function import LambdaCreate as LambdaCreate
from prefect.tasks.aws.lambda_function import LambdaDelete as LambdaDelete
from prefect.tasks.aws.lambda_function import LambdaInvoke as LambdaInvoke
from prefect.tasks.aws.lambda_function import LambdaList as LambdaList
from prefect.tasks.aws.parameter_store_manager import AWSParametersManager as AWSParametersManager
from prefect.tasks.aws.s3 import S3Download as S3Download
from prefect.tasks.aws.s3 import S3List as S3List
from prefect.tasks.aws.s3 import S3Upload as S3Upload
from prefect.tasks.aws.secrets_manager import AWSSecretsManager as AWSSecretsManager
from prefect.tasks.aws.step_function import StepActivate as StepActivate

__all__ = [
    "AWSClientWait",
    "AWSParametersManager",
    "AWSSecretsManager",
    "BatchSubmit",
    "LambdaCreate",
    "LambdaDelete",
    "LambdaInvoke",
    "LambdaList",
    "S3Download",
    "S3List",
    "S3Upload",
    "StepActivate",
]
