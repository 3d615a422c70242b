"""What a task sees in `prefect.context`."""

import prefect
from prefect import Flow, Parameter, task


@task
def dates():
    context = prefect.context
    return {
        key: str(context[key])[:10]
        for key in ["today", "yesterday", "tomorrow", "today_nodash", "yesterday_nodash", "tomorrow_nodash", "date"]
    }


@task
def names(x=None):
    context = prefect.context
    keys = [
        "flow_name",
        "flow_id",
        "task_name",
        "task_full_name",
        "task_slug",
        "task_id",
        "map_index",
        "task_run_count",
    ]
    return {key: context.get(key) for key in keys}


@task
def keys():
    hidden = {"config", "logger", "caches", "secrets"}
    return sorted(key for key in prefect.context.to_dict() if key not in hidden)


@task
def same_run():
    context = prefect.context
    return len(context.flow_run_id), len(context.task_run_id), context.flow_run_name == context.flow_run_id


@task
def given():
    return prefect.context.get("mine"), dict(prefect.context.parameters)


@task
def change():
    prefect.context.update(changed=True)
    prefect.context.mine = "changed"
    return prefect.context.changed


@task
def look(x):
    return prefect.context.get("changed"), prefect.context.get("mine")


@task
def config():
    return (
        type(prefect.context.config).__name__,
        prefect.context.config.flows.checkpointing,
        prefect.context.checkpointing,
    )


with Flow("dates") as date_flow:
    dates()

with Flow("names") as flow:
    names()
    names(task_args={"name": "renamed"})
    names.map([1, 2])
    same_run()
    config()

with Flow("keys") as key_flow:
    keys()

with Flow("user keys") as user:
    Parameter("p", default=1)()
    given()
    look(change())

CASES = {
    "date as text": {"flow": date_flow, "context": {"date": "1986-09-20"}},
    "date as time": {"flow": date_flow, "context": {"date": "2020-02-28T23:59:59+00:00"}},
    "only some keys": {
        "flow": date_flow,
        "context": {"date": "2020-01-01", "today": "mine", "tomorrow_nodash": "also mine"},
    },
    "date that is none": {
        "flow": date_flow,
        "context": {
            "date": "soon",
            **{f"{day}{form}": "-" for day in ("today", "yesterday", "tomorrow") for form in ("", "_nodash")},
        },
    },
    "names": {"flow": flow},
    "keys": {"flow": key_flow},
    "user keys": {"flow": user, "context": {"mine": "given"}, "parameters": {"p": 2}},
    "outer keys": {"flow": user, "outer": {"mine": "outer"}},
    "configured keys": {"flow": user, "env": {"PREFECT__CONTEXT__MINE": "configured"}},
}
