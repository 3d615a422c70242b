"""How soon an agent has the process of a run running, and what it costs while there is nothing to do.

The runs are created one after another, each when the one before is over. From the moment that the run's creation has
returned it takes

- ``begun``: milliseconds until the run's record says which process it has, which is just after that was started,
- ``running``: milliseconds until the flow run is in the state ``Running``.

``idle`` is the agent's processor time, in percent of one core.

Usage: python pickup.py OUTPUT RUNS IDLE_SECONDS
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

from prefect.client import Client
from prefect.loading import load_flows_from_path
from prefect.storage.state.maintenance import is_over
from prefect.utilities.configuration import set_temporary_config

FLOW = """
from prefect import Flow, task
from prefect.storage import Local

@task
def one():
    return 1

with Flow("pickup", storage=Local(path=__file__, stored_as_script=True)) as flow:
    one()
"""


def register(client, folder):
    path = folder / "flow.py"
    path.write_text(FLOW)
    client.create_project("benchmarks")
    (flow,) = load_flows_from_path(str(path))
    return client.register(flow, "benchmarks", no_url=True)


def until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise SystemExit("The agent does not do what it is waited for.")
        time.sleep(0.005)


def process_seconds(pid):
    """Return the processor time of all threads; /proc/PID/stat would count it in hundredths of a second."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9


def milliseconds_after(moment, line):
    return (datetime.fromisoformat(line["at"]).timestamp() - moment) * 1e3


def picked_up(client, flow_id, agent_pid):
    """Run a flow run; return when, after its creation, its process had begun and it was running."""
    runs = client.store.runs
    id = client.create_flow_run(flow_id=flow_id)
    created = time.time()
    until(lambda: is_over(runs.get(id)))
    assert runs.get(id)["state"]["type"] == "Success", runs.get(id)["state"]
    lines = runs.history(id)
    begun = next(line for line in lines if line["process"] and line["process"]["pid"] != agent_pid)
    running = next(line for line in lines if line["state"]["type"] == "Running")
    return milliseconds_after(created, begun), milliseconds_after(created, running)


def main(output, runs, idle_seconds):
    with tempfile.TemporaryDirectory() as folder, set_temporary_config({"home_dir": folder, "backend": "local"}):
        client = Client()
        flow_id = register(client, Path(folder))
        agent = subprocess.Popen(
            [sys.executable, "-m", "prefect", "agent", "local", "start", "--no-hostname-label"],
            env=dict(os.environ, PREFECT__HOME_DIR=folder, PREFECT__BACKEND="local"),
            stdout=subprocess.DEVNULL,
        )
        try:
            picked_up(client, flow_id, agent.pid)  # waits for the agent, and fills the caches of the system
            times = [picked_up(client, flow_id, agent.pid) for _ in range(int(runs))]
            before = process_seconds(agent.pid)
            time.sleep(float(idle_seconds))
            idle = (process_seconds(agent.pid) - before) / float(idle_seconds) * 100
        finally:
            agent.terminate()
            agent.wait()
    begun, running = zip(*times)
    with open(output, "w") as file:
        json.dump({"begun": statistics.median(begun), "running": statistics.median(running), "idle": idle}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
