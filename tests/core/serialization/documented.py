"""Flows and states whose documents were recorded from 1.4.1: the subjects of ``record.py`` and of the tests beside it.

Everything here runs under both implementations. Annotations are written without ``typing.Optional`` and unions, of which
the text differs between versions of Python.
"""

import datetime
from typing import Any, Dict, List  # noqa: UP035 - part of what is recorded

from prefect import Flow, Parameter, Task, apply_map, case, flatten, mapped, resource_manager, tags, task, unmapped
from prefect.core import Edge
from prefect.core.parameter import DateTimeParameter
from prefect.engine import cache_validators, state
from prefect.engine.result import NoResult, Result
from prefect.engine.results import ConstantResult, LocalResult, PrefectResult
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


FLOWS = {
    made.__name__: made
    for made in (
        *(empty, parameters, operators, imperative, mapping, options, triggers, control_flow, collections),
        *(annotations, secrets, resources, tagged, own_classes),
    )
}


class OwnResult(Result):
    pass


_MOMENT = datetime.datetime(2026, 1, 2, 3, 4, 5, 600, tzinfo=datetime.timezone(datetime.timedelta(hours=1)))
_NAIVE = datetime.datetime(2020, 1, 1)  # noqa: DTZ001 - counts as UTC

STATES = {
    "a message": lambda: state.Success("done"),
    "an exception as message": lambda: state.Failed(ValueError("boom")),
    "a value": lambda: state.Success(result=3),
    "an exception as value": lambda: state.Failed("no", result=ValueError("boom")),
    "a context": lambda: state.Running(context={"tags": ["a"], "nested": {"n": (1, None)}}),
    "no result": lambda: state.Success(result=NoResult),
    "a result with a location": lambda: state.Success(result=Result(value=1, location="here")),
    "a local result": lambda: state.Success(result=LocalResult(dir="/data", location="a/b", validate_dir=False)),
    "a prefect result": lambda: state.Success(result=PrefectResult(value=3, location="3")),
    "a constant result": lambda: state.Success(result=ConstantResult(value=3)),
    "a secret result": lambda: state.Success(result=PrefectSecret("TOKEN").result),
    "a result of one's own": lambda: state.Success(result=OwnResult(location="there")),
    "scheduled": lambda: state.Scheduled(start_time=_MOMENT),
    "scheduled without a time zone": lambda: state.Scheduled(start_time=_NAIVE),
    "paused": lambda: state.Paused("wait"),
    "paused until": lambda: state.Paused(start_time=_MOMENT),
    "resume": lambda: state.Resume(start_time=_MOMENT),
    "retrying": lambda: state.Retrying(start_time=_MOMENT, run_count=3),
    "looped": lambda: state.Looped(result=4, loop_count=2),
    "looping again": lambda: state.Pending(cached_inputs={"_loop_result": Result(3, location="here")}),
    "cached": lambda: state.Cached(result=1),
    "cached with all": lambda: state.Cached(
        cached_parameters={"p": [1]}, cached_result_expiration=_MOMENT, hashed_inputs={"x": "ab"}
    ),
    "mapped": lambda: state.Mapped("two", map_states=[state.Success(), state.Failed()]),
    "queued": lambda: state.Queued(state=state.Scheduled(start_time=_MOMENT), start_time=_MOMENT),
    "submitted": lambda: state.Submitted("taken", state=state.Running("go")),
    "client failed": lambda: state.ClientFailed(state=state.Failed("no")),
    **{
        name.lower(): (lambda name=name: getattr(state, name)(name))
        for name in (
            *("Pending", "Running", "Cancelling", "Finished", "Success", "Skipped", "Cancelled", "Failed"),
            *("TimedOut", "TriggerFailed", "ValidationFailed"),
        )
    },
}
