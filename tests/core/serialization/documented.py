"""Flows whose documents were recorded from 1.4.1: the subjects of ``record_documents.py`` and of the tests beside it.

Everything here runs under both implementations. Annotations are written without ``typing.Optional`` and unions, of which
the text differs between versions of Python.
"""

import datetime
from typing import Any, Dict, List  # noqa: UP035 - part of what is recorded

from prefect import Flow, Parameter, Task, apply_map, case, flatten, mapped, resource_manager, tags, task, unmapped
from prefect.core import Edge
from prefect.core.parameter import DateTimeParameter
from prefect.engine import cache_validators
from prefect.engine.results import PrefectResult
from prefect.run_configs import LocalRun
from prefect.schedules import Schedule, clocks, filters
from prefect.storage import Module
from prefect.tasks.control_flow import FilterTask, ifelse, merge, switch
from prefect.tasks.core.operators import GetAttr
from prefect.tasks.secrets import EnvVarSecret, PrefectSecret
from prefect.triggers import (
    all_failed,
    all_finished,
    always_run,
    any_failed,
    any_successful,
    manual_only,
    not_all_skipped,
    some_failed,
    some_successful,
)


@task
def add(x, y=1):
    return x + y


@task
def numbers():
    return [1, 2, 3]


@task
def nested():
    return [[1], [2, 3]]


def empty():
    return Flow("empty")


def parameters():
    with Flow("parameters") as flow:
        Parameter("nothing", default=None)()
        Parameter("optional", required=False)()
        Parameter("demanded", default=3, required=True)()
        Parameter("nested", default={"a": [1, 2.5, None, True], "b": {"c": "ü"}}, tags=["two", "one"])()
        DateTimeParameter("since", default="2020-01-01T00:00:00")()
        DateTimeParameter("until", required=False)()
        add(Parameter("x"), y=Parameter("with space", default=(1, 2)))
    return flow


def operators():
    with Flow("operators") as flow:
        x = Parameter("x", default={"a": 1})
        total = (x["a"] + 1) * 2 - GetAttr()(x["b"], "real")
        _ = (total > 3) & (total == 4) | add(total)
        add(numbers()[0], y=total)
        _ = 10 % total
    return flow


def imperative():
    first, second = add.copy(name="first", slug="the-first"), add.copy(name="second")
    third = Task("third", slug="third")
    flow = Flow("imperative", tasks=[third], edges=[Edge(first, second, key="x"), Edge(second, third)])
    flow.set_dependencies(first, keyword_tasks={"x": 1, "y": Parameter("y")}, upstream_tasks=[numbers.copy()])
    flow.set_reference_tasks([second, first])
    return flow


def mapping():
    with Flow("mapping") as flow:
        first = add.map(numbers())
        second = add.map(first, y=unmapped(numbers()))
        add.map(x=[1, 2], upstream_tasks=[second])
        add.map(flatten(nested()), y=unmapped(3))
        add(flatten(nested()))
        add(mapped(second), y=first)
    return flow


def options():
    hours = datetime.timedelta(hours=2, microseconds=5)
    partial_inputs = cache_validators.partial_inputs_only(["x"])
    partial_parameters = cache_validators.partial_parameters_only(validate_on=["p", "q"])
    with Flow("options") as flow:
        task(add.run, name="retried", max_retries=3, retry_delay=datetime.timedelta(seconds=1, milliseconds=600))(1)
        task(add.run, name="timed", timeout=5, skip_on_upstream_skip=False, log_stdout=True)(1)
        task(add.run, name="timed too", timeout=datetime.timedelta(minutes=3))(1)
        task(add.run, name="cached", cache_for=hours, cache_key="the-key")(1)
        task(add.run, name="cached by inputs", cache_for=hours, cache_validator=cache_validators.all_inputs)(1)
        task(add.run, name="cached by parameters", cache_for=hours, cache_validator=cache_validators.all_parameters)(1)
        task(add.run, name="cached by some inputs", cache_for=hours, cache_validator=partial_inputs)(1)
        task(add.run, name="cached by some parameters", cache_for=hours, cache_validator=partial_parameters)(1)
        task(add.run, name="stored", target="{flow_name}.txt", checkpoint=True, result=PrefectResult(), nout=2)(1)
        task(add.run, name="named", task_run_name="{x}", state_handlers=[lambda *_: None])(1)
    return flow


def custom_trigger(upstream_states):
    return True


def triggers_of_a_kind(limit, names):
    def custom(upstream_states):
        return limit, names

    return custom


class Triggers:
    def method(self, upstream_states):
        return True


def triggers():
    chosen = [
        *(all_failed, all_finished, always_run, any_failed, any_successful, manual_only, not_all_skipped),
        *(some_failed(at_least=1), some_failed(at_most=0.5), some_successful(1, 2), some_successful()),
        *(custom_trigger, triggers_of_a_kind(3, ["a"]), Triggers().method, lambda upstream_states: True),
    ]
    with Flow("triggers") as flow:
        for trigger in chosen:
            add(1, task_args={"trigger": trigger})
    return flow


def control_flow():
    with Flow("control flow") as flow:
        x = Parameter("x", default=1)
        with case(x, 1):
            one = add(x)
        with case(add(x), "a"):
            add(one)
        switch(x, {"a": add(1), "b": add(2)})
        ifelse(x, add(3), add(4))
        merge(one, x)
        FilterTask()(task_results=[one])
        apply_map(lambda value: add(value), numbers())
    return flow


def collections():
    with Flow("collections") as flow:
        x = Parameter("x")
        add([x, 1], y={"a": x, "b": [x]})
        add((x, (2, x)), y={x})
        add([1, 2], y={"plain": ["constant"]}, upstream_tasks=["text", 3, None])
    return flow


class Annotated(Task):
    def run(
        self,
        plain,
        whole: int,
        text: "str" = "a",
        *,
        many: List[int] = (),  # noqa: UP006 - part of what is recorded
        table: Dict[str, Any] = None,  # noqa: UP006, RUF013 - likewise
        moment: datetime.datetime = None,  # noqa: RUF013 - likewise
        own: Triggers = None,
        none: None = None,
    ) -> Dict[str, int]:  # noqa: UP006 - likewise
        return {}


@task
def as_none(x: bool, **others: float) -> None:
    pass


@task
def as_text(**others) -> "int":
    return 1


class Inherited(Annotated):
    pass


def annotations():
    with Flow("annotations") as flow:
        Annotated()(1, 2)
        Inherited(name="inherited")(1, 2)
        as_none(True, a=1)
        as_text()
        Task("base")()
    return flow


def secrets():
    with Flow("secrets") as flow:
        add(PrefectSecret("TOKEN"), y=EnvVarSecret("PASSWORD", cast=int))
    return flow


@resource_manager
class Cluster:
    def __init__(self, size: int):
        self.size = size

    def setup(self):
        return self.size

    def cleanup(self, cluster):
        pass


def resources():
    with Flow("resources") as flow:
        with Cluster(size=Parameter("size", default=2)) as cluster:
            inside = add(cluster)
        add(inside)
    return flow


def tagged():
    with Flow("tagged") as flow, tags("b", "a"):
        first = add(1)
        with tags("c"):
            add(first, task_args={"name": "with tags", "tags": ["d"]})
    return flow


class OwnFlow(Flow):
    pass


class OwnParameter(Parameter):
    pass


def own_classes():
    return OwnFlow("own classes", tasks=[OwnParameter("p", default=1), Inherited()])


@task(name="ünïcode and spaces", tags=["ü", "Z", "a"])
def odd(x, **others):
    return x


def names():
    with Flow("ünïcode / and 'quotes'") as flow:
        Parameter("ünïcode")()
        first = odd(1, left=2)
        odd(first)
        odd.map([1, 2], right=unmapped(first))
        add(first, task_args={"name": "add", "slug": "mine"})
        add(first, task_args={"name": "add"})
        Task()()
    return flow


def nested_mapping():
    with Flow("nested mapping") as flow:
        inner = add.map(flatten(add.map(nested())), y=mapped(numbers()))
        reduced = add(flatten(inner), y=[mapped(inner), unmapped(numbers())])
        add.map([reduced, 2], y=flatten(nested()))
        Task("after", slug="after").map(upstream_tasks=[mapped(inner), flatten(nested()), unmapped(reduced)])
    return flow


def everything():
    """A flow with all that a registered one has."""
    daily = clocks.CronClock("0 9 * * *", parameter_defaults={"x": 2}, labels=["daily"])
    storage = Module("package.module", secrets=["TOKEN"])
    with Flow(
        "everything",
        schedule=Schedule([daily], filters=[filters.is_weekday]),
        run_config=LocalRun(env={"A": "1"}, working_dir="/srv", labels=["b", "a"]),
        storage=storage,
        result=PrefectResult(),
        state_handlers=[lambda *_: None],
        on_failure=lambda *_: None,
    ) as flow:
        total = add(Parameter("x", default=1), y=PrefectSecret("TOKEN"))
        after = add(
            total, task_args={"trigger": all_finished, "max_retries": 2, "retry_delay": datetime.timedelta(minutes=1)}
        )
    storage.add_flow(flow)
    flow.set_reference_tasks([after])
    return flow


FLOWS = {
    made.__name__: made
    for made in (
        *(empty, parameters, operators, imperative, mapping, options, triggers, control_flow, collections),
        *(annotations, secrets, resources, tagged, own_classes, names, nested_mapping, everything),
    )
}
