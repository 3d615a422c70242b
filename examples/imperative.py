"""The same without a `with` block: tasks are classes, edges are added one by one.

$ prefect run -q -p examples/imperative.py
3 boxes
"""

from prefect import Flow, Task


class Count(Task):
    def run(self):
        return 3


class Show(Task):
    def run(self, number, unit):
        print(number, unit)


flow = Flow("imperative")
flow.set_dependencies(Show(), keyword_tasks={"number": Count(), "unit": "boxes"})
