"""A secret comes from an environment variable or the configuration when the task runs, and is never stored.

$ TOKEN=s3cr3t PREFECT__CONTEXT__SECRETS__PASSWORD=hush prefect run -q -p examples/secret_values.py
a token of 6 characters, a password of 4
"""

from prefect import Flow, task
from prefect.tasks.secrets import EnvVarSecret, PrefectSecret


@task
def log_in(token, password):
    print(f"a token of {len(token)} characters, a password of {len(password)}")


with Flow("secret-values") as flow:
    log_in(EnvVarSecret("TOKEN", raise_if_missing=True), PrefectSecret("PASSWORD"))
