"""Mistakes that are told while a flow is built."""

from datetime import timedelta

from prefect import Flow, Parameter, Task, apply_map, case, resource_manager, task
from prefect.engine.state import Success
from prefect.tasks.control_flow import merge


@task
def nothing():
    pass


@task
def one(x):
    return x


def building(function):
    def build():
        with Flow("wrong") as flow:
            return function(flow)

    return {"call": build}


def cycle(flow):
    a, b = Task(name="a"), Task(name="b")
    flow.add_edge(a, b)
    flow.add_edge(b, a)
    flow.validate()


def case_of_task(flow):
    with case(one(1), nothing()):
        pass


def two_parameters(flow):
    Parameter("p")()
    Parameter("p")()


def variable_arguments():
    @task
    def wrong(*args):
        pass


def reserved_argument():
    @task
    def wrong(upstream_tasks):
        pass


def reserved_keyword():
    @task
    def wrong(*, mapped=False):
        pass


def class_with_variable_arguments():
    class Wrong(Task):
        def run(self, *args):
            pass


def outside_resource():
    @resource_manager
    class Resource:
        def cleanup(self, resource):
            pass

    with Resource():
        pass


def unused(flow):
    Task(name="made but not used")
    one(nothing())


def overwritten(flow):
    class Wrong(Task):
        name = "mine"

        def run(self):
            pass

    return Wrong()().name


def task_as_static_argument(flow):
    class Wrong(Task):
        def __init__(self, x):
            super().__init__()

    return Wrong(nothing())().name


def validate_key(flow):
    flow.add_edge(nothing, one, key="y", validate=True)


def assigned_twice(flow):
    flow.add_edge(nothing, one, key="x")
    flow.add_edge(Task(), one, key="x", validate=True)


CASES = {
    "missing argument": building(lambda flow: one()),
    "surplus argument": building(lambda flow: one(1, 2)),
    "unknown argument": building(lambda flow: one(y=1)),
    "map over a number": building(lambda flow: one.map(5)),
    "map over a set": building(lambda flow: one.map({1, 2})),
    "map over a generator": building(lambda flow: one.map(i for i in [1])),
    "apply_map over a number": building(lambda flow: apply_map(one, 5)),
    "map inside apply_map": building(lambda flow: apply_map(lambda x: one.map(x), [1])),
    "unpack a task": building(lambda flow: list(one(1))),
    "length of a task": building(lambda flow: len(one(1))),
    "in a task": building(lambda flow: 1 in one(1)),
    "negative task": building(lambda flow: -one(1)),
    "called outside a flow": {"call": lambda: one(1)},
    "operator outside a flow": {"call": lambda: Task() + 1},
    "set_upstream outside a flow": {"call": lambda: Task().set_upstream(Task())},
    "apply_map outside a flow": {"call": lambda: apply_map(one, [1])},
    "resource outside a flow": {"call": outside_resource},
    "cycle": building(cycle),
    "edge to itself": building(lambda flow: flow.add_edge(one, one)),
    "upstream of a parameter": building(lambda flow: flow.add_edge(nothing, Parameter("p"))),
    "key that is no name": building(lambda flow: flow.add_edge(nothing, one, key="1x")),
    "key that is a keyword": building(lambda flow: flow.add_edge(nothing, one, key="if")),
    "validated key": building(validate_key),
    "assigned twice": building(assigned_twice),
    "two parameters of one name": building(two_parameters),
    "two tasks of one slug": building(lambda flow: [flow.add_task(Task(slug="s")) for _ in range(2)]),
    "foreign reference task": building(lambda flow: flow.set_reference_tasks([Task()])),
    "add no task": building(lambda flow: flow.add_task(5)),
    "edges of a foreign task": building(lambda flow: flow.edges_to(one)),
    "replace a foreign task": building(lambda flow: flow.replace(one, nothing)),
    "case of a task": building(case_of_task),
    "merge that skips": building(lambda flow: merge(nothing(), skip_on_upstream_skip=True)),
    "retries without delay": {"call": lambda: Task(max_retries=1)},
    "delay without retries": {"call": lambda: Task(retry_delay=timedelta(1))},
    "retry_on without retries": {"call": lambda: Task(retry_on=ValueError)},
    "retry_on an instance": {"call": lambda: Task(max_retries=1, retry_delay=timedelta(1), retry_on=ValueError())},
    "retry_on no exception": {"call": lambda: Task(max_retries=1, retry_delay=timedelta(1), retry_on=int)},
    "timeout that is a float": {"call": lambda: Task(timeout=1.5)},
    "timeout below a second": {"call": lambda: Task(timeout=timedelta(seconds=1.5)).timeout},
    "tags that are text": {"call": lambda: Task(tags="abc")},
    "handlers that are a set": {"call": lambda: Task(state_handlers={print})},
    "flow without name": {"call": lambda: Flow("")},
    "flow handlers that are a function": {"call": lambda: Flow("f", state_handlers=print)},
    "validator without cache": {"call": lambda: Task(cache_validator=lambda *args: True).name},
    "unknown option": {"call": lambda: task(lambda: 1, no_such_option=1)},
    "decorating no function": {"call": lambda: task(5)},
    "variable arguments": {"call": variable_arguments},
    "reserved argument": {"call": reserved_argument},
    "reserved keyword": {"call": reserved_keyword},
    "class with variable arguments": {"call": class_with_variable_arguments},
    "built-in function": {"call": lambda: task(len)},
    "uninspectable function": {"call": lambda: task(max)},
    "copy with unknown option": {"call": lambda: one.copy(no_such_option=1)},
    "parameter copied without name": {"call": lambda: Parameter("p").copy()},
    "unused task": building(unused),
    "overwritten attribute": building(overwritten),
    "task as static argument": building(task_as_static_argument),
    "run inside": building(lambda flow: flow.run()),
    "register inside": building(lambda flow: flow.register("project")),
    "return_tasks": {"call": lambda: Flow("f").run(return_tasks=[])},
    "unknown keyword of run": {"call": lambda: Flow("f").run(no_such_option=1)},
}

assert Success()
