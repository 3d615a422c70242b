"""Tags: from the constructor, from calls, from `tags` blocks; and the slugs they make."""

import prefect
from prefect import Flow, Task, tags, task


@task(tags=["own"])
def tagged():
    return sorted(prefect.context.task_tags), prefect.context.task_slug


@task
def plain():
    return sorted(prefect.context.task_tags), prefect.context.task_slug


@task
def each(x):
    return sorted(prefect.context.task_tags), prefect.context.task_slug


with Flow("tags") as flow:
    tagged()
    tagged()
    plain(task_args={"tags": ["given"]})
    with tags("outer", "z"):
        plain()
        with tags("a"):
            tagged(task_args={"name": "renamed"})
            each.map([1])
    Task(name="plain", tags={"own"})()
    plain()

CASES = {"tags": {"flow": flow}, "slugs": {"call": lambda: sorted(flow.slugs.values())}}
