"""Bytes of memory at its peak for each child of a mapped task, and for each result in a list.

Usage: python memory.py OUTPUT CHILDREN
"""

import json
import sys
import tracemalloc

from prefect import Flow, task


@task
def one(value):
    return value


def flow_of(children):
    with Flow("memory") as flow:
        one.map(list(range(children)))
    return flow


def peak(run, children):
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    kept = run()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept
    return (most - before) / children


def main(output, children):
    children = int(children)
    flow_of(10).run()  # what is loaded at first use does not count
    flow = flow_of(children)
    values = list(range(children))
    result = {
        "measured": peak(flow.run, children),
        "floor": peak(lambda: {number: one.run(number) for number in values}, children),
    }
    with open(output, "w") as file:
        json.dump(result, file)


main(*sys.argv[1:])
