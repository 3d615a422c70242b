"""Required, optional and date parameters."""

import datetime

from prefect import Flow, Parameter, task
from prefect.core.parameter import DateTimeParameter


@task
def show(*, a, b=None, c=None):
    return a, b, c


@task
def day(when):
    return None if when is None else (type(when).__name__, when.strftime("%A %d %B %Y, %H h"))


with Flow("parameters") as flow:
    required = Parameter("required")
    optional = Parameter("optional", default="fallback")
    none = Parameter("none", default=None)
    shown = show(a=required, b=optional, c=none)

with Flow("not required") as not_required:
    shown = show(a=Parameter("x", required=False), b=Parameter("y", default=1, required=True))

with Flow("dates") as dates:
    told = day(DateTimeParameter("when"))

with Flow("optional date") as optional_date:
    told = day(DateTimeParameter("when", required=False))

with Flow("date with default") as date_default:
    told = day(DateTimeParameter("when", default="2020-02-29"))

with Flow("odd names") as odd:
    shown = show(a=Parameter("my parameter", default=1, tags=["special"]))

CASES = {
    "required given": {"flow": flow, "parameters": {"required": [1, {"k": None}]}},
    "all given": {"flow": flow, "parameters": {"required": 1, "optional": None, "none": 0}},
    "required missing": {"flow": flow},
    "unknown parameter": {"flow": flow, "parameters": {"required": 1, "surplus": 2}},
    "keyword wins": {"flow": flow, "parameters": {"required": 1, "optional": 2}, "run": {"optional": 3}},
    "not required": {"flow": not_required, "parameters": {"y": 5}},
    "required with default": {"flow": not_required},
    "date as text": {"flow": dates, "parameters": {"when": "2020-02-29T12:30:00"}},
    "date as datetime": {"flow": dates, "parameters": {"when": datetime.datetime(2021, 3, 1, 5)}},
    "date as date": {"flow": dates, "parameters": {"when": datetime.date(2021, 3, 1)}},
    "no date": {"flow": optional_date},
    "date needs a value": {"flow": date_default},
    "odd name": {"flow": odd, "parameters": {"my parameter": 2}},
}
