"""Extract, transform, load: the flow everybody writes first."""

from prefect import Flow, Parameter, task


@task
def extract(source):
    rows = {"small": [3, 1, 2], "large": list(range(10)), "empty": []}
    return rows[source]


@task
def transform(rows, factor=10):
    return [row * factor for row in sorted(rows)]


@task
def load(rows):
    print(f"loaded {len(rows)} rows")
    return sum(rows)


with Flow("etl") as flow:
    source = Parameter("source", default="small")
    loaded = load(transform(extract(source)))

with Flow("etl with factor") as with_factor:
    source = Parameter("source")
    factor = Parameter("factor", default=2)
    loaded = load(transform(extract(source), factor=factor))

with Flow("no tasks") as empty:
    pass

CASES = {
    "default parameter": {"flow": flow},
    "given parameter": {"flow": flow, "parameters": {"source": "large"}},
    "empty rows": {"flow": flow, "parameters": {"source": "empty"}, "observe": True},
    "failing extract": {"flow": flow, "parameters": {"source": "nowhere"}},
    "two runs": {"flow": flow, "runs": 2},
    "required and optional": {"flow": with_factor, "parameters": {"source": "small"}},
    "parameter as keyword": {"flow": with_factor, "run": {"source": "small", "factor": 5}},
    "empty flow": {"flow": empty},
}
