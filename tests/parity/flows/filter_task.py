"""`FilterTask` between a map and what follows."""

from prefect import Flow, task
from prefect.engine import signals
from prefect.tasks.control_flow import FilterTask


@task
def classify(n):
    if n == 3:
        raise ValueError("three")
    if n == 4:
        raise signals.SKIP("four")
    return None if n == 2 else n


@task
def follow(n):
    return repr(n)


default = FilterTask()
logging = FilterTask(
    filter_func=lambda value: isinstance(value, int), log_func=lambda kept: f"kept {len(kept)}: {kept}"
)

with Flow("default") as flow:
    kept = default(classify.map([0, 1, 2, 3, 5]))
    followed = follow.map(kept)

with Flow("with a function") as custom:
    kept = logging(classify.map([1, 2, 3, 4, 5]))
    followed = follow.map(kept)

with Flow("signals stay") as signals_flow:
    kept = default(classify.map([1, 4]))
    followed = follow.map(kept)

CASES = {
    "default": {"flow": flow},
    "with a function": {"flow": custom},
    "signals stay": {"flow": signals_flow},
}
