"""Task classes with static and dynamic arguments, copies, `task_args`, `pipe`."""

from datetime import timedelta
from functools import partial

import prefect
from prefect import Flow, Task, task
from prefect.utilities.tasks import defaults_from_attrs


class Greeter(Task):
    def __init__(self, greeting="hello", name_of=None, **kwargs):
        self.greeting, self.name_of = greeting, name_of
        super().__init__(**kwargs)

    @defaults_from_attrs("greeting", "name_of")
    def run(self, greeting=None, name_of=None):
        return f"{greeting}, {name_of}"


class Counting(Task):
    """State kept on the instance lives as long as the process."""

    calls = 0

    def run(self):
        self.calls += 1
        return self.calls


@task
def add(x, y=1, *, z=0):
    """Adds."""
    return x + y + z


def plain(x):
    return x * 2


class Callable:
    def __call__(self, x):
        return x + 100


greet = Greeter(name_of="world")

with Flow("defaults") as defaults:
    greet()
    greet(name_of="you")
    greet(greeting=None)
    greet("good day", task_args={"name": "named"})
    Greeter("bye")(name_of=add(1))

counting = Counting()
count = Flow("counting", tasks=[counting])

with Flow("calls") as calls:
    a = add(1, task_args={"name": "first", "tags": ["t"]})
    b = add(a, 10, z=100)
    c = a.pipe(add, y=5).pipe(task(plain))
    d = task(partial(plain), name="partial")(c)
    e = task(Callable(), name="callable")(d)
    f = task(lambda x: x - 1)(e)

flaky = add.copy(name="flaky", max_retries=1, retry_delay=timedelta(seconds=0))
with Flow("copied options") as copied:
    flaky("text")

with Flow("several flows") as first_use:
    used = add(1)
with Flow("several flows, second") as second_use:
    used = add(2)

CASES = {
    "defaults": {"flow": defaults},
    "counting": {"flow": count, "runs": 2},
    "calls": {"flow": calls},
    "copied options": {"flow": copied},
    "first use": {"flow": first_use},
    "second use": {"flow": second_use},
    "run directly": {"call": lambda: (add.run(1, z=5), greet.run(), add.name, add.__doc__, repr(add))},
    "inputs": {"call": lambda: sorted(add.inputs())},
}

assert prefect.Task
