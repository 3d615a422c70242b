"""A daily report as people write them: parameters, a map, tolerated failures, a branch, an alert, a summary."""

from datetime import timedelta

import prefect
from prefect import Flow, Parameter, Task, case, tags, task, unmapped
from prefect.engine import signals
from prefect.tasks.control_flow import FilterTask, merge
from prefect.triggers import all_finished, any_failed

ORDERS = {
    "north": ["10;book", "20;pen", "x;ink"],
    "south": ["5;book", "7;pen"],
    "west": [],
}


class ReadOrders(Task):
    def __init__(self, source, **kwargs):
        self.source = source
        super().__init__(**kwargs)

    def run(self, region):
        self.logger.info("Reading %s", region)
        if region not in self.source:
            raise KeyError(region)
        if not self.source[region]:
            raise signals.SKIP(f"no orders in {region}")
        return self.source[region]


@task(max_retries=2, retry_delay=timedelta(seconds=0), retry_on=ConnectionError)
def rate(currency):
    if prefect.context.task_run_count < 2:
        raise ConnectionError("rates are busy")
    return {"EUR": 1.1, "USD": 1.0}[currency]


@task
def parse(lines):
    return [(int(price), what) for price, what in (line.split(";") for line in lines)]


@task
def value(rows, rate):
    return round(sum(price for price, _ in rows) * rate, 2)


@task(name="Sum up")
def sum_up(values):
    return round(sum(values), 2)


@task
def is_large(total, limit):
    return total > limit


@task(task_run_name="alert {flow_name}")
def alert(total):
    return f"large: {total}"


@task
def archive(total):
    return f"small: {total}"


@task(log_stdout=True)
def publish(text):
    print(f"published {text!r}")
    return text


@task(trigger=any_failed, skip_on_upstream_skip=False)
def apologise(values):
    return sum(isinstance(value, Exception) for value in values)


@task(trigger=all_finished, skip_on_upstream_skip=False)
def finish():
    return prefect.context.today


read_orders = ReadOrders(ORDERS, name="read orders")
only_numbers = FilterTask(
    filter_func=lambda value: isinstance(value, float), log_func=lambda kept: f"{len(kept)} regions"
)

with Flow("order report") as flow:
    regions = Parameter("regions", default=["north", "south", "west", "east"])
    currency = Parameter("currency", default="EUR")
    limit = Parameter("limit", default=10)
    with tags("extract"):
        lines = read_orders.map(regions)
    rows = parse.map(lines)
    values = value.map(rows, unmapped(rate(currency)))
    total = sum_up(only_numbers(values))
    large = is_large(total, limit)
    with case(large, True):
        loud = alert(total)
    with case(large, False):
        quiet = archive(total)
    published = publish(merge(loud, quiet))
    sorry = apologise(values)
    done = finish(upstream_tasks=[published, sorry])

flow.set_reference_tasks([published, done])
DAY = {"date": "2021-06-01"}

CASES = {
    "usual": {"flow": flow, "context": DAY},
    "observed": {"flow": flow, "context": DAY, "observe": True},
    "small": {"flow": flow, "context": DAY, "parameters": {"limit": 1000}},
    "nothing fails": {"flow": flow, "context": DAY, "parameters": {"regions": ["south"]}},
    "unknown currency": {"flow": flow, "context": DAY, "parameters": {"currency": "XYZ"}},
    "twice": {"flow": flow, "context": DAY, "parameters": {"regions": ["south", "west"]}, "runs": 2},
}
