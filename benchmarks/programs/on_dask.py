"""Microseconds that a mapped child takes on a Dask cluster of two worker processes, and a bare Dask task.

The two take turns on one cluster, whose start is not counted. Bare Dask is one call of ``map`` and one of ``gather``.

Usage: python on_dask.py OUTPUT CHILDREN ROUNDS
"""

import json
import statistics
import sys
import time

from distributed import Client, LocalCluster

from prefect import Flow, task
from prefect.executors import DaskExecutor


def increment(number):
    return number + 1


def microseconds(run, children):
    started = time.perf_counter()
    found = run()
    took = time.perf_counter() - started
    assert found == list(range(1, children + 1))
    return took / children * 1e6


def main(output, children, rounds):
    inputs = list(range(int(children)))
    measured, floor = [], []
    kwargs = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0", "silence_logs": 50}
    with LocalCluster(**kwargs) as cluster, Client(cluster, set_as_default=False) as client:
        with Flow("on dask", executor=DaskExecutor(address=cluster.scheduler_address)) as flow:
            incremented = task(increment).map(inputs)

        def bare():
            return client.gather(client.map(increment, inputs, pure=False))

        def mapped():
            return flow.run().result[incremented].result

        for turn in range(int(rounds) + 1):
            for run, taken in ((bare, floor), (mapped, measured)):
                found = microseconds(run, len(inputs))
                if turn:  # the first turn imports what the workers need
                    taken.append(found)
    with open(output, "w") as file:
        json.dump({"measured": statistics.median(measured), "floor": statistics.median(floor)}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
