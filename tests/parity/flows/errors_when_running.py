"""Mistakes that only a run can tell."""

import prefect
from prefect import Flow, Parameter, Task, task


@task
def good():
    return 1


@task
def one(x):
    return x


@task
def long_way():
    return level_one()


def level_one():
    return level_two()


def level_two():
    return {}["missing"]


@task
def raises_in_library():
    return int("seven")


@task
def own_exception():
    class Odd(Exception):
        def __repr__(self):
            return "Odd!"

    raise Odd


@task
def base_exception():
    class Base(BaseException):
        pass

    raise Base("not an Exception")


class NoRun(Task):
    pass


a, b = Task(name="a"), Task(name="b")
cycle = Flow("cycle")
cycle.add_edge(a, b)
cycle.add_edge(b, a)

with Flow("unknown key") as unknown_key:
    unknown_key.add_edge(good, one, key="y")

missing_argument = Flow("missing argument")
missing_argument.add_task(one)

with Flow("dictionary") as dictionary:
    one.map(Parameter("rows", default={"a": 1}))

with Flow("errors") as errors:
    for each in (long_way, raises_in_library, own_exception):
        one(each())
    NoRun()()

with Flow("no Exception") as base:
    base_exception()

with Flow("quotes in a name") as quotes:
    task(lambda: 1 / 0, name="it's")()
    found = good()
    one(found["k"])


def loading():
    with prefect.context(loading_flow=True):
        return errors.run()


CASES = {
    "cycle": {"flow": cycle},
    "unknown key": {"flow": unknown_key},
    "missing argument": {"flow": missing_argument},
    "map over a dictionary": {"flow": dictionary},
    "errors": {"flow": errors},
    "no Exception": {"flow": base},
    "quotes in a name": {"flow": quotes},
    "run while loading": {"call": loading},
}
