"""Every signal, with and without message and result."""

import prefect
from prefect import Flow, Task, task
from prefect.engine import signals
from prefect.engine.state import Failed, Skipped, Success


class Raise(Task):
    def __init__(self, signal, *args, result="absent", **kwargs):
        self.signal, self.args = signal, args
        self.keywords = {} if result == "absent" else {"result": result}
        super().__init__(**kwargs)

    def run(self):
        raise self.signal(*self.args, **self.keywords)


@task
def receive(x):
    return repr(x)


@task(skip_on_upstream_skip=False, trigger=prefect.triggers.all_finished)
def receive_any(x):
    return repr(x)


with Flow("signals") as flow:
    for signal in [signals.FAIL, signals.TRIGGERFAIL, signals.VALIDATIONFAIL, signals.SUCCESS, signals.SKIP]:
        for index, (args, options) in enumerate([((), {}), (("message",), {}), (("with result",), {"result": [1, 2]})]):
            raised = Raise(signal, *args, name=f"{signal.__name__} {index}", **options)()
            receive(raised, task_args={"name": f"after {signal.__name__} {index}"})
            receive_any(raised, task_args={"name": f"always after {signal.__name__} {index}"})


@task
def swallow():
    try:
        raise signals.FAIL("cannot be swallowed")
    except Exception:
        return "swallowed"


@task
def caught():
    try:
        raise signals.SKIP("caught")
    except signals.PrefectStateSignal as signal:
        return type(signal).__name__, type(signal.state).__name__, signal.state.message


@task
def returned(state):
    return {"failed": Failed("as a value"), "skipped": Skipped("as a value"), "error": ValueError("as a value")}[state]


@task
def nested():
    raise ValueError("outer") from KeyError("inner")


@task
def assertion():
    assert 1 == 2, "numbers differ"


with Flow("in the body") as body:
    swallowed = swallow()
    was_caught = caught()
    for kind in ("failed", "skipped", "error"):
        receive(returned(kind))
    nested()
    assertion()


@task
def state_result():
    raise signals.FAIL("own result", result=ValueError("kept"))


with Flow("result of a failure") as result:
    kept = receive_any(state_result())

CASES = {
    "signals": {"flow": flow},
    "in the body": {"flow": body},
    "result of a failure": {"flow": result, "observe": True},
}

assert Success().is_successful()
