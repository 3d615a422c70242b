"""`FlowRunner` and `TaskRunner` used directly, as tests of flow authors do."""

import pendulum

from prefect import Flow, Parameter, Task, task
from prefect.core import Edge
from prefect.engine import FlowRunner, TaskRunner
from prefect.engine.state import (
    Cached,
    Cancelled,
    Failed,
    Paused,
    Pending,
    Queued,
    Resume,
    Retrying,
    Running,
    Scheduled,
    Skipped,
    Submitted,
    Success,
)


@task
def five():
    return 5


@task
def double(x):
    return 2 * x


parameter = Parameter("p")
flow = Flow("runner", tasks=[five, parameter])
flow.add_edge(five, double, key="x")
TOMORROW = pendulum.now("UTC").add(days=1)

STATES = {
    "nothing": lambda: None,
    "pending": lambda: Pending("given"),
    "running": lambda: Running("given"),
    "success": lambda: Success("given", result=1),
    "failed": lambda: Failed("given"),
    "cancelled": lambda: Cancelled("given"),
    "queued": lambda: Queued("given", state=Scheduled("inner")),
    "submitted": lambda: Submitted("given", state=Pending("inner")),
    "scheduled": lambda: Scheduled("given"),
    "scheduled tomorrow": lambda: Scheduled("given", start_time=TOMORROW),
    "paused": lambda: Paused("given"),
    "resume": lambda: Resume("given"),
    "retrying": lambda: Retrying("given", run_count=2),
    "cached": lambda: Cached("given", result=1),
}


def told(state):
    return f"{type(state).__name__} | {state.message} | {state.result!r}"


def of_task(make):
    return {"call": lambda: told(TaskRunner(five).run(state=make())), "env": {"PREFECT__LOGGING__LEVEL": "DEBUG"}}


def of_flow(make):
    def run():
        state = FlowRunner(flow).run(state=make(), parameters={"p": 1}, return_tasks=[five, double])
        result = state.result
        if isinstance(result, dict):
            result = sorted((each.name, told(found)) for each, found in result.items())
        return f"{type(state).__name__} | {state.message} | {result}"

    return {"call": run}


def upstream(*states):
    edges = {Edge(Task(name=f"up {i}"), double, key="x" if i == 0 else None): s for i, s in enumerate(states)}
    return {"call": lambda: told(TaskRunner(double).run(upstream_states=edges))}


CASES = {
    **{f"task {name}": of_task(make) for name, make in STATES.items()},
    **{f"flow {name}": of_flow(make) for name, make in STATES.items()},
    "upstream success": upstream(Success(result=4)),
    "upstream failed": upstream(Success(result=4), Failed()),
    "upstream skipped": upstream(Success(result=4), Skipped()),
    "upstream unfinished": upstream(Success(result=4), Running()),
    "no upstream": upstream(),
    "context": {"call": lambda: told(TaskRunner(five).run(context={"task_run_count": 7}))},
    "missing parameter": {"call": lambda: told(FlowRunner(flow).run(return_tasks=[parameter]).result[parameter])},
    "foreign task": {"call": lambda: told(FlowRunner(flow).run(parameters={"p": 1}, return_tasks=[Task()]))},
}
