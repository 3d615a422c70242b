"""Results written to files, and when they are not."""

import os
from datetime import timedelta

from prefect import Flow, Parameter, task
from prefect.engine import signals
from prefect.engine.results import ConstantResult, LocalResult, PrefectResult
from prefect.engine.serializers import JSONSerializer, PickleSerializer

ON = {"PREFECT__FLOWS__CHECKPOINTING": "true"}


def local(**options):
    return LocalResult(dir="results", **options)


@task(result=local(location="{task_name}/{date:%Y}-{x}.pickle"))
def templated(x):
    return x


@task(result=local(location="by-{map_index}.json", serializer=JSONSerializer()))
def each(x):
    return {"x": x}


@task(result=local(location="never"), checkpoint=False)
def never():
    return "never written"


@task(result=local(location="signalled", serializer=PickleSerializer()))
def signalled():
    raise signals.SUCCESS("early", result=[1, 2])


@task(result=local(location="failed"))
def failed():
    raise ValueError("nothing to write")


@task(result=PrefectResult())
def small():
    return {"k": [1, 2]}


@task(result=PrefectResult(), max_retries=1, retry_delay=timedelta(seconds=0))
def not_json():
    return object


@task(result=ConstantResult(value=3))
def constant():
    return 4


@task(result=local(location="{unknown}"))
def unformattable():
    return 1


@task
def unset():
    return "no result object"


@task
def listing(x):
    found = []
    for folder, _, files in sorted(os.walk("results")):
        found += [os.path.join(folder, name) for name in sorted(files)]
    return found


with Flow("written") as written:
    done = listing([templated(1), each.map([5, 6]), never(), signalled(), small(), unset()])

with Flow("problems") as problems:
    failed()
    not_json()
    constant()
    unformattable()

with Flow("result of the flow", result=LocalResult(dir="results", location="{task_name}.pickle")) as flow_result:
    done = listing([unset(), small()])

with Flow("parameters") as parameters:
    done = unset(upstream_tasks=[Parameter("p", default={"a": 1}), Parameter("q", default=object)])

CASES = {
    "written": {"flow": written, "env": ON, "context": {"date": "2020-05-01"}},
    "checkpointing off": {"flow": written},
    "problems": {"flow": problems, "env": ON},
    "result of the flow": {"flow": flow_result, "env": ON},
    "parameters": {"flow": parameters, "env": ON},
    "parameters, checkpointing off": {"flow": parameters},
}
