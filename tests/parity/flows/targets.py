"""Targets: what is there already is not made again."""

import os

from prefect import Flow, Parameter, task
from prefect.engine.results import LocalResult
from prefect.engine.serializers import JSONSerializer

SEEN = []
ON = {"PREFECT__FLOWS__CHECKPOINTING": "true"}
result = LocalResult(dir="results")


@task(target="{flow_name}/{n}.json", result=LocalResult(dir="results", serializer=JSONSerializer()))
def stored(n):
    SEEN.append(f"making {n}")
    return {"n": n}


@task(target=lambda **context: f"{context['task_name']}-{context['map_index']}.bin", result=result)
def each(x):
    SEEN.append(f"making {x}")
    return [x]


@task(target="none.bin", result=result)
def nothing():
    SEEN.append("making nothing")


@task(target="{no_such_key}", result=result)
def unformattable():
    return 1


@task(target="x.bin")
def no_result_class():
    return 1


@task
def after(x):
    return x


@task
def listing(x):
    found = []
    for folder, _, files in sorted(os.walk("results")):
        found += [os.path.join(folder, name) for name in sorted(files)]
    return found


with Flow("stored") as flow:
    done = listing(stored(Parameter("n", default=1)))

with Flow("mapped") as mapped:
    done = listing(each.map([1, 2]))

with Flow("none is not stored") as none:
    done = listing(nothing())

with Flow("unformattable") as unformattable_flow:
    done = after(unformattable())

with Flow("no result class") as no_class:
    done = after(no_result_class())


@task(target="flow-{task_name}", checkpoint=True)
def from_flow():
    return "flow result"


with Flow("result of the flow", result=LocalResult(dir="results")) as flow_result:
    done = listing(from_flow())

CASES = {
    "made, then found": {"flow": flow, "runs": 2, "env": ON, "observe": True},
    "checkpointing off": {"flow": flow, "runs": 2},
    "mapped": {"flow": mapped, "runs": 2, "env": ON},
    "none is not stored": {"flow": none, "runs": 2, "env": ON},
    "unformattable": {"flow": unformattable_flow, "env": ON},
    "no result class": {"flow": no_class, "env": ON},
    "result of the flow": {"flow": flow_result, "runs": 2, "env": ON},
    "checkpointing by context": {"flow": flow, "runs": 2, "outer": {"checkpointing": True}},
}
