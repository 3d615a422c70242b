"""Flows built inside and out of other flows."""

from prefect import Flow, Parameter, Task, task


@task
def number(n):
    return n


@task
def add(x, y):
    return x + y


@task
def show(x):
    return x


with Flow("outer") as outer:
    a = number(1)
    with Flow("inner") as inner:
        b = number(10)
        c = add(b, 5)
    d = add(a, 2)

with outer:
    e = show(d)

left = Flow("left")
with left:
    p = Parameter("p", default=1)
    left_end = add(p, 10)
right = Flow("right")
with right:
    right_end = add(Parameter("q", default=2), 20)
left.update(right)
with left:
    joined = show([left_end, right_end])

original = Flow("original")
with original:
    first = number(1)
    last = show(first)
copied = original.copy()
copied.name = "copied"
with copied:
    more = show([last, "more"])

replaced = original.copy()
replaced.name = "replaced"
stand_in = Task(name="stand in")
replaced.replace(first, stand_in)

shared = Task(name="shared")
one, other = Flow("one"), Flow("other")
one.add_task(shared)
other.chain(Task(name="before"), shared)


@task
def runs_a_flow():
    with Flow("built in a task") as small:
        result = number(7)
    return small.run().result[result].result


with Flow("runs another") as runner:
    got = show(runs_a_flow())

CASES = {
    "outer": {"flow": outer},
    "inner": {"flow": inner},
    "update": {"flow": left, "parameters": {"q": 5}},
    "original": {"flow": original},
    "copy": {"flow": copied},
    "replace": {"flow": replaced},
    "one of two": {"flow": one},
    "other of two": {"flow": other},
    "a flow run by a task": {"flow": runner},
    "sorted": {"call": lambda: [t.name for t in outer.sorted_tasks()]},
    "again inside": {"call": lambda: (sorted(left.slugs.values()), left.constants[left_end], len(left.edges))},
}
