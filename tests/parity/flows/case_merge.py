"""`case` and `merge`."""

from prefect import Flow, Parameter, case, task
from prefect.engine import signals
from prefect.tasks.control_flow import merge
from prefect.triggers import all_finished


@task
def check(kind):
    if kind == "broken":
        raise ValueError("cannot tell")
    if kind == "skip":
        raise signals.SKIP("not decided")
    return kind


@task
def prepare(name):
    return f"prepared {name}"


@task
def ship(what):
    return f"{what}, shipped"


@task(skip_on_upstream_skip=False, trigger=all_finished)
def tell(result):
    return repr(result)


with Flow("case") as flow:
    kind = check(Parameter("kind", default="express"))
    with case(kind, "express"):
        express = ship(prepare("by air"))
    with case(kind, "normal"):
        normal = ship(prepare("by road"))
    sent = merge(express, normal)
    told = tell(sent)

with Flow("truth") as truth:
    decision = check(Parameter("decision", default=True))
    with case(decision, True):
        yes = prepare("yes")
    with case(decision, False):
        no = prepare("no")
    result = merge(yes, no)

with Flow("nested") as nested:
    outer = check(Parameter("outer", default="a"))
    inner = check(Parameter("inner", default=1))
    with case(outer, "a"):
        first = prepare("outer a")
        with case(inner, 1):
            second = prepare("inner 1")
    with case(outer, "b"):
        third = prepare("outer b")
    result = merge(second, third)

with Flow("falsy values") as falsy:
    kind = Parameter("kind", default=0)
    zero = check(kind)
    nothing = check(None)
    first = merge(nothing, zero)
    second = merge(zero, nothing)

with Flow("empty block") as empty:
    kind = check("x")
    with case(kind, "y"):
        pass

CASES = {
    "first branch": {"flow": flow},
    "second branch": {"flow": flow, "parameters": {"kind": "normal"}, "observe": True},
    "no branch": {"flow": flow, "parameters": {"kind": "pigeon"}},
    "broken condition": {"flow": flow, "parameters": {"kind": "broken"}},
    "skipped condition": {"flow": flow, "parameters": {"kind": "skip"}},
    "true": {"flow": truth},
    "one is true": {"flow": truth, "parameters": {"decision": 1}},
    "text is not true": {"flow": truth, "parameters": {"decision": "yes"}},
    "nested": {"flow": nested},
    "nested, inner differs": {"flow": nested, "parameters": {"inner": 2}},
    "nested, outer differs": {"flow": nested, "parameters": {"outer": "b"}},
    "falsy values": {"flow": falsy},
    "empty block": {"flow": empty},
}
