"""Microseconds a trivial task costs in a flow of a given shape, and in a plain loop over graphlib.

Usage: python shapes.py OUTPUT SHAPE TASKS ROUNDS [lines]
"""

import json
import logging
import statistics
import sys
import time
from graphlib import TopologicalSorter

from prefect import Flow, task


@task
def one(value):
    return value


@task
def two(left, right):
    return left


def build(shape, tasks):
    with Flow(shape) as flow:
        if shape == "map":
            one.map(list(range(tasks)))
        elif shape == "wide":
            for _ in range(tasks):
                one(0)
        elif shape == "chain":
            last = one(0)
            for _ in range(tasks - 1):
                last = one(last)
        elif shape == "diamond":
            last = one(0)
            for _ in range(tasks // 3):
                last = two(one(last), one(last))
    return flow


def graph(shape, tasks):
    """The same shape as predecessors of numbers."""
    if shape == "chain":
        return {number: [number - 1] if number else [] for number in range(tasks)}
    if shape == "diamond":
        edges = {0: []}
        for top in range(0, tasks // 3 * 3, 3):
            edges |= {top + 1: [top], top + 2: [top], top + 3: [top + 1, top + 2]}
        return edges
    return {number: [] for number in range(tasks)}


def loop(shape, tasks, log):
    """What any engine has to do: order the tasks, call each with what it needs, keep the results."""
    edges = graph(shape, tasks)
    started = time.perf_counter()
    results = {}
    for number in TopologicalSorter(edges).static_order():
        if log:
            log.info("Task '%s': Starting task run...", number)
        results[number] = one.run(results[edges[number][0]] if edges[number] else 0)
        if log:
            log.info("Task '%s': Finished task run for task with final state: '%s'", number, "Success")
    return time.perf_counter() - started


def main(output, shape, tasks, rounds, *lines):
    tasks = int(tasks)
    log = logging.getLogger("prefect.TaskRunner") if lines else None
    flow = build(shape, tasks)
    measured, floor = [], []
    for _ in range(int(rounds)):
        floor.append(loop(shape, tasks, log) / tasks * 1e6)
        started = time.perf_counter()
        state = flow.run()
        measured.append((time.perf_counter() - started) / tasks * 1e6)
        assert state.is_successful()
        del state
    with open(output, "w") as file:
        json.dump({"measured": statistics.median(measured), "floor": statistics.median(floor)}, file)


main(*sys.argv[1:])
