"""Microseconds to add a task and an edge to a flow, and to make two small objects and keep them.

Usage: python building.py OUTPUT TASKS ROUNDS
"""

import json
import statistics
import sys
import time

from prefect import Flow, task


@task
def one(value):
    return value


def build(tasks):
    started = time.perf_counter()
    with Flow("building"):
        last = one(0)
        for _ in range(tasks):
            last = one(last)
    return (time.perf_counter() - started) / tasks * 1e6


class Node:
    __slots__ = ("name", "upstream")

    def __init__(self, name, upstream):
        self.name = name
        self.upstream = upstream


def plain(tasks):
    started = time.perf_counter()
    nodes, edges = set(), {}
    last = Node("one", None)
    for _ in range(tasks):
        node = Node("one", last)
        nodes.add(node)
        edges[node] = Node("edge", last)
        last = node
    return (time.perf_counter() - started) / tasks * 1e6


def main(output, tasks, rounds):
    measured, floor = [], []
    for _ in range(int(rounds)):
        floor.append(plain(int(tasks)))
        measured.append(build(int(tasks)))
    with open(output, "w") as file:
        json.dump({"measured": statistics.median(measured), "floor": statistics.median(floor)}, file)


main(*sys.argv[1:])
