"""A resource manager sets up before the tasks of its block and cleans up after them, whatever became of them.

$ prefect run -q -p examples/resources.py
open books
reading books
close books
"""

from prefect import Flow, resource_manager, task


@resource_manager
class Database:
    def __init__(self, name):
        self.name = name

    def setup(self):
        print("open", self.name)
        return self.name

    def cleanup(self, connection):
        print("close", connection)


@task
def read(connection):
    print("reading", connection)


with Flow("resources") as flow, Database("books") as connection:
    read(connection)
