"""Tasks inside lists, tuples, sets and dicts become inputs; everything else is a constant."""

from prefect import Flow, Parameter, Task, task


@task
def number(n):
    return n


@task
def show(value, *, label="", **rest):
    return value, label, sorted(rest.items())


@task
def nothing():
    return None


with Flow("collections") as collections:
    one, two = number(1), number(2)
    as_list = show([one, two, 3])
    as_tuple = show((one, "x"), label="t")
    as_set = show({one, two, 2})
    as_dict = show({"one": one, "more": [two, {"deep": (one, two)}], "plain": 5}, label="d")

with Flow("keyword arguments") as keywords:
    shown = show(number(1), label="given", extra=number(2), another=[1, 2])

with Flow("constants") as constants:
    shown = show([1, [2, 3]], label={"k": (4,)})
    waits = number(5)
    waits.set_upstream(Task(name="before"))

with Flow("none") as none:
    shown = show(nothing(), label=None)

with Flow("shared") as shared:
    base = Parameter("base", default={"rows": [1, 2]})
    left = show(base["rows"], label="left")
    right = show([left, base, left])

CASES = {
    "collections": {"flow": collections},
    "keyword arguments": {"flow": keywords},
    "constants": {"flow": constants},
    "none": {"flow": none},
    "shared input": {"flow": shared},
}
