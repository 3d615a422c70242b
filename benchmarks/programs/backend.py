"""Microseconds that a trivial task costs in a run that a backend keeps, and in a run that it does not.

Usage: python backend.py OUTPUT TASKS ROUNDS
"""

import json
import statistics
import sys
import tempfile
import time

from prefect import Flow, task
from prefect.backend.execution import execute_flow_run
from prefect.client import Client
from prefect.utilities.configuration import set_temporary_config


@task
def one(value):
    return value


def build(tasks):
    with Flow("wide") as flow:
        for _ in range(tasks):
            one(0)
    return flow


def seconds(run, *arguments):
    started = time.perf_counter()
    state = run(*arguments)
    took = time.perf_counter() - started
    assert state.is_successful()
    return took


def execute(flow_run_id, flow):
    return execute_flow_run(flow_run_id, flow).state


def main(output, tasks, rounds):
    tasks = int(tasks)
    flow = build(tasks)
    measured, floor = [], []
    with tempfile.TemporaryDirectory() as home, set_temporary_config({"home_dir": home, "backend": "local"}):
        client = Client()
        client.create_project("benchmarks")
        flow_id = client.register(flow, "benchmarks", build=False, no_url=True)
        for turn in range(int(rounds) + 1):
            flow_run_id = client.create_flow_run(flow_id=flow_id)
            bare = seconds(flow.run) / tasks * 1e6
            kept = seconds(execute, flow_run_id, flow) / tasks * 1e6
            if turn:  # the first turn loads what is loaded at first use
                floor.append(bare)
                measured.append(kept)
    with open(output, "w") as file:
        json.dump({"measured": statistics.median(measured), "floor": statistics.median(floor)}, file)


main(*sys.argv[1:])
