"""A task ends in the state that it raises. What follows a skipped task is skipped as well, unless it says otherwise.

$ prefect run -q -p examples/stop_signals.py
[1, 'SKIP', 3, 'SKIP']
"""

from prefect import Flow, task
from prefect.engine.signals import SKIP


@task
def odd(number):
    if number % 2 == 0:
        raise SKIP(f"{number} is even")
    return number


@task(skip_on_upstream_skip=False)
def show(results):
    print([type(result).__name__ if isinstance(result, SKIP) else result for result in results])


with Flow("stop-signals") as flow:
    show(odd.map([1, 2, 3, 4]))
