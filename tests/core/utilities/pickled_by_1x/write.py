"""Pickle a flow with 1.4.1: ``saved.prefect`` by ``Flow.save``, ``bare.pickle`` by cloudpickle alone.

Run it with the Python of an environment that holds prefect 1.4.1: ``python write.py``. The flow has no code of its own, which
another Python could not read.
"""

from pathlib import Path

import cloudpickle

from prefect import Flow, Parameter

HERE = Path(__file__).parent

if __name__ == "__main__":
    flow = Flow("of 1.x", tasks=[Parameter("x", default=1)])
    flow.save(str(HERE / "saved.prefect"))
    (HERE / "bare.pickle").write_bytes(cloudpickle.dumps(flow, protocol=4))
