"""`switch` and `ifelse`."""

from prefect import Flow, Parameter, task
from prefect.tasks.control_flow import ifelse, merge, switch


@task
def value(x):
    return x


def named(name):
    return task(lambda: name, name=name)


@task
def add_one(x):
    return x + 1


with Flow("switch") as switched:
    condition = value(Parameter("kind", default="a"))
    a, b, c = named("task a")(), named("task b")(), named("task c")()
    switch(condition, {"a": a, "b": b, 3: c})
    result = merge(a, b, c)

with Flow("ifelse") as chosen:
    condition = value(Parameter("x", default=1))
    yes, no = named("yes")(), named("no")()
    ifelse(condition, yes, no)
    result = merge(yes, no)

with Flow("only one branch") as one:
    condition = value(Parameter("x", default=1))
    ifelse(condition, add_one(condition), None)

with Flow("mapped") as mapped:
    conditions = value.map([0, 1, 2])
    yes = value.map(["y0", "y1", "y2"])
    no = value.map(["n0", "n1", "n2"])
    ifelse(conditions, yes, no, mapped=True)
    merged = merge(yes, no, mapped=True)

CASES = {
    "switch a": {"flow": switched},
    "switch number": {"flow": switched, "parameters": {"kind": 3}},
    "switch none": {"flow": switched, "parameters": {"kind": "zzz"}},
    "if": {"flow": chosen, "observe": True},
    "else": {"flow": chosen, "parameters": {"x": ""}},
    "only one branch": {"flow": one},
    "only one branch, not taken": {"flow": one, "parameters": {"x": 0}},
    "mapped": {"flow": mapped},
}
