"""`EnvVarSecret`, `PrefectSecret` and `Secret`."""

import prefect
from prefect import Flow, Parameter, task
from prefect.client import Secret
from prefect.tasks.secrets import EnvVarSecret, PrefectSecret


@task
def use(value):
    return type(value).__name__, value


@task
def directly(name):
    secret = Secret(name)
    return secret.exists(), secret.get()


with Flow("environment") as environment:
    use(EnvVarSecret("PARITY_TOKEN"))
    use(EnvVarSecret("PARITY_NUMBER", cast=int))
    use(EnvVarSecret("PARITY_MISSING"))

with Flow("missing") as missing:
    use(EnvVarSecret("PARITY_MISSING", raise_if_missing=True))

with Flow("cannot cast") as cannot_cast:
    use(EnvVarSecret("PARITY_TOKEN", cast=int))

with Flow("context") as context:
    use(PrefectSecret("TOKEN"))
    use(PrefectSecret("SETTINGS"))
    directly("TOKEN")

with Flow("absent") as absent:
    use(PrefectSecret("ABSENT"))
    directly("ABSENT")

with Flow("name at run time") as late:
    use(PrefectSecret()(name=Parameter("which", default="TOKEN")))

with Flow("no name") as no_name:
    use(PrefectSecret())

VALUES = {"PARITY_TOKEN": "t0ken", "PARITY_NUMBER": "42"}
SECRETS = {"secrets": {"TOKEN": "s3cret", "SETTINGS": '{"a": [1, 2]}'}}

CASES = {
    "environment": {"flow": environment, "env": VALUES},
    "missing": {"flow": missing},
    "cannot cast": {"flow": cannot_cast, "env": VALUES},
    "context": {"flow": context, "outer": SECRETS},
    "context of the run": {"flow": context, "context": SECRETS},
    "configured": {
        "flow": context,
        "env": {"PREFECT__CONTEXT__SECRETS__TOKEN": "s3cret", "PREFECT__CONTEXT__SECRETS__SETTINGS": '{"a": [1, 2]}'},
    },
    "absent": {"flow": absent},
    "name at run time": {"flow": late, "outer": SECRETS},
    "no name": {"flow": no_name},
}

assert prefect.context.get("flow") is None
