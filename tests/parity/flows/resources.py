"""`resource_manager`: set up, use, clean up, whatever happens between."""

from prefect import Flow, Parameter, resource_manager, task
from prefect.engine import signals

SEEN = []


@resource_manager
class Database:
    def __init__(self, name, problem=None):
        self.name, self.problem = name, problem

    def __repr__(self):
        return f"Database({self.name!r})"

    def setup(self):
        SEEN.append(f"open {self.name}")
        if self.problem == "setup":
            raise RuntimeError("cannot open")
        if self.problem == "skip":
            raise signals.SKIP("no database today")
        return f"connection to {self.name}"

    def cleanup(self, connection):
        SEEN.append(f"close {connection}")
        if self.problem == "cleanup":
            raise RuntimeError("cannot close")


@resource_manager(name="folder", init_task_kwargs={"tags": ["storage"]}, cleanup_task_kwargs={"max_retries": 0})
class Folder:
    def cleanup(self, nothing):
        SEEN.append(f"remove {nothing}")


@resource_manager
class Unmakeable:
    def __init__(self):
        raise RuntimeError("cannot make")

    def cleanup(self, nothing):
        SEEN.append("never")


@task
def query(connection, text):
    if text == "bad":
        raise ValueError("bad query")
    if text == "skip":
        raise signals.SKIP("no query")
    return f"{text} on {connection}"


@task
def write(rows):
    return rows


@task
def outside():
    return "outside"


with Flow("database") as flow:
    text = Parameter("text", default="select")
    before = outside()
    with Database("orders", Parameter("problem", default=None)) as connection:
        rows = query(connection, text)
        written = write(rows)
    after = outside(upstream_tasks=[written])

with Flow("two resources") as two:
    with Database("a") as a:
        with Database("b") as b:
            joined = write([query(a, "left"), query(b, "right")])

with Flow("without setup") as no_setup:
    with Folder() as folder:
        done = outside()

with Flow("unmakeable") as unmakeable:
    with Unmakeable():
        done = outside()

CASES = {
    "all well": {"flow": flow, "observe": True},
    "failing body": {"flow": flow, "parameters": {"text": "bad"}},
    "skipped body": {"flow": flow, "parameters": {"text": "skip"}},
    "failing init": {"flow": unmakeable},
    "failing setup": {"flow": flow, "parameters": {"problem": "setup"}},
    "skipped setup": {"flow": flow, "parameters": {"problem": "skip"}},
    "failing cleanup": {"flow": flow, "parameters": {"problem": "cleanup"}},
    "two resources": {"flow": two},
    "without setup": {"flow": no_setup},
}
