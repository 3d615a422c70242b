"""`ENDRUN`: this state and nothing more."""

from datetime import timedelta

from prefect import Flow, Task, task
from prefect.engine.runner import ENDRUN
from prefect.engine.state import Cancelled, Failed, Paused, Scheduled, Skipped, Success

SEEN = []


def watch(obj, old, new):
    SEEN.append(f"{obj.name}: {type(old).__name__} -> {new!r}")


class End(Task):
    def __init__(self, state, **kwargs):
        self.state = state
        super().__init__(**kwargs)

    def run(self):
        raise ENDRUN(self.state)


@task
def after(x):
    return repr(x)


with Flow("states") as flow:
    for state in [Success("s", result=1), Failed("f", result=2), Skipped("k"), Cancelled("c")]:
        after(End(state, name=f"end {type(state).__name__}", state_handlers=[watch])())

with Flow("not retried, not cached") as final:
    End(Failed("f"), max_retries=2, retry_delay=timedelta(seconds=0), state_handlers=[watch])()
    End(Success("s"), name="cached", cache_for=timedelta(hours=1), state_handlers=[watch])()


@task
def one_of(x):
    if x == 1:
        raise ENDRUN(Success("one", result="end"))
    return x


with Flow("mapped") as mapped:
    after(one_of.map([0, 1]))

CASES = {
    "states": {"flow": flow},
    "not retried, not cached": {"flow": final, "runs": 2},
    "mapped": {"flow": mapped},
}

assert Paused().is_scheduled() and Scheduled().is_pending()
