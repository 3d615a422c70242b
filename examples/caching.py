"""Results can be kept in memory for a while: the second run of the same process does not compute again.

$ python examples/caching.py
computing
Cached, 42
Cached, 42
"""

from datetime import timedelta

from prefect import Flow, task


@task(cache_for=timedelta(hours=1))
def answer():
    print("computing")
    return 42


with Flow("caching") as flow:
    result = answer()

if __name__ == "__main__":
    import logging

    logging.getLogger("prefect").setLevel("ERROR")
    for _ in range(2):
        state = flow.run().result[result]
        print(f"{type(state).__name__}, {state.result}")
