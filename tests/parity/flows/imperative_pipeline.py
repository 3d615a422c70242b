"""The imperative style: task classes, explicit edges, `set_dependencies`, `chain`."""

from prefect import Flow, Task


class Fetch(Task):
    def __init__(self, values, **kwargs):
        self.values = values
        super().__init__(**kwargs)

    def run(self):
        return self.values


class Scale(Task):
    def run(self, values, by=1):
        return [value * by for value in values]


class Report(Task):
    def run(self, values, title="report"):
        return f"{title}: {values}"


class Note(Task):
    def run(self):
        self.logger.info("noted by %s", self.name)


fetch = Fetch([1, 2, 3], name="fetch")
scale = Scale(name="scale")
report = Report()
flow = Flow("imperative")
flow.add_edge(fetch, scale, key="values")
flow.set_dependencies(scale, keyword_tasks={"by": 3})
flow.set_dependencies(report, keyword_tasks={"values": scale, "title": "totals"}, downstream_tasks=[Note(name="end")])

first, second, third = Note(name="first"), Note(name="second"), Note(name="third")
chained = Flow("chained")
chained.chain(first, second, third)

up, down, beside = Note(name="up"), Note(name="down"), Fetch(5, name="beside")
methods = Flow("set upstream")
down.set_upstream(up, flow=methods)
up.set_downstream(beside, flow=methods)
beside.set_dependencies(flow=methods, downstream_tasks=[down])

numbers = Fetch([1, 2], name="numbers")
each = Scale(name="each")
mapped_flow = Flow("mapped edges")
mapped_flow.set_dependencies(each, keyword_tasks={"values": [[1], [2, 3]]}, mapped=True)
mapped_flow.add_edge(numbers, each, key="by", mapped=True)

constructed = Flow("constructed", tasks=[first])
constructed.add_task(fetch)
constructed.add_edge(first, fetch)

CASES = {
    "edges": {"flow": flow},
    "chain": {"flow": chained, "observe": True},
    "upstream and downstream": {"flow": methods},
    "mapped edges": {"flow": mapped_flow, "observe": True},
    "tasks of another flow": {"flow": constructed},
}
