"""Which part of the ideal speed a parallel executor reaches, and a bare pool of concurrent.futures.

Ideal is the time that all tasks take one after the other, divided by the number of workers.

Usage: python parallel.py OUTPUT threads|processes ROUNDS
"""

import json
import statistics
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

from prefect import Flow, task
from prefect.executors import LocalDaskExecutor

SLEEP_SECONDS = 0.05


def sleep(_):
    time.sleep(SLEEP_SECONDS)


def count(steps):
    """Work for a processor, some 60 ms of it."""
    total = 0
    for number in range(steps):
        total += number * number % 7
    return total


def seconds(run):
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def steps_of(wanted_seconds):
    return int(1_000_000 * wanted_seconds / min(seconds(lambda: count(1_000_000)) for _ in range(3)))


def main(output, scheduler, rounds):
    if scheduler == "threads":
        function, inputs, workers, pool = sleep, [None] * 200, 16, ThreadPoolExecutor
    else:
        function, inputs, workers, pool = count, [steps_of(0.06)] * 64, 2, ProcessPoolExecutor
    with Flow("parallel", executor=LocalDaskExecutor(scheduler=scheduler, num_workers=workers)) as flow:
        task(function).map(inputs)

    def bare():
        with pool(workers) as executor:
            list(executor.map(function, inputs))

    measured, floor = [], []
    for _ in range(int(rounds)):
        if scheduler == "threads":
            ideal = SLEEP_SECONDS * len(inputs) / workers
        else:
            ideal = seconds(lambda: [count(steps) for steps in inputs]) / workers
        floor.append(ideal / seconds(bare))
        measured.append(ideal / seconds(flow.run))
    with open(output, "w") as file:
        json.dump({"measured": statistics.median(measured), "floor": statistics.median(floor)}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
