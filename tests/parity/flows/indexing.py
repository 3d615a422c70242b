"""`task[key]`, unpacking with `nout` and with a return annotation."""

from typing import Dict, Tuple

from prefect import Flow, Parameter, task
from prefect.tasks.core.operators import GetAttr, GetItem


@task(nout=3)
def three():
    return 1, 2, 3


@task(nout=3)
def only_two():
    return 1, 2


@task
def annotated() -> Tuple[int, str]:
    return 4, "four"


@task
def record() -> Dict[str, int]:
    return {"a": 1, "b": {"c": 2}}


@task
def show(value):
    return value


class Point:
    x = 3
    inner = None

    def __repr__(self):
        return "Point"


@task
def point():
    return Point()


with Flow("unpacking") as unpacking:
    a, b, c = three()
    number, name = annotated()
    shown = show([c, b, a, name, number])

with Flow("surplus nout") as surplus:
    a, b, c = only_two()
    shown = show([a, b])

with Flow("keys") as keys:
    found = record()
    which = Parameter("which", default="a")
    shown = show({"constant": found["a"], "nested": found["b"]["c"], "task": found[which]})

with Flow("get with default") as defaults:
    found = record()
    shown = show(
        [
            GetItem(default="none")(found, "zzz"),
            GetAttr(default=0)(point(), "nothing"),
            GetAttr()(point(), "x"),
        ]
    )

with Flow("missing attribute") as missing:
    found = GetAttr()(point(), "nothing")

CASES = {
    "unpacking": {"flow": unpacking},
    "surplus nout": {"flow": surplus},
    "keys": {"flow": keys},
    "missing key": {"flow": keys, "parameters": {"which": "zzz"}},
    "defaults": {"flow": defaults},
    "missing attribute": {"flow": missing},
}
