"""States, and results in them, whose documents were recorded from 1.4.1; see ``record_documents.py``.

Everything here runs under both implementations.
"""

import datetime

from prefect.engine import results, state
from prefect.engine.result import NoResult, Result
from prefect.engine.results import ConstantResult, LocalResult, PrefectResult
from prefect.tasks.secrets import EnvVarSecret, PrefectSecret


class OwnResult(Result):
    pass


_MOMENT = datetime.datetime(2026, 1, 2, 3, 4, 5, 600, tzinfo=datetime.timezone(datetime.timedelta(hours=1)))
_NAIVE = datetime.datetime(2020, 1, 1)  # noqa: DTZ001 - counts as UTC

RESULTS = {
    "NoResult": lambda: NoResult,
    "Result": lambda: Result(),
    "Result with a location": lambda: Result(value=1, location="here"),
    "Result with a template": lambda: Result(location="{flow_name}/{task_name}.txt"),
    "LocalResult": lambda: LocalResult(dir="/data", location="a/b", validate_dir=False),
    "LocalResult without a location": lambda: LocalResult(dir="/data", validate_dir=False),
    "PrefectResult": lambda: PrefectResult(value=3, location="3"),
    "PrefectResult without a location": lambda: PrefectResult(value=3),
    "ConstantResult": lambda: ConstantResult(value=3),
    "SecretResult of a PrefectSecret": lambda: PrefectSecret("TOKEN").result,
    "SecretResult of an EnvVarSecret": lambda: EnvVarSecret("PASSWORD").result,
    "a class of one's own": lambda: OwnResult(location="there"),
    "AzureResult": lambda: results.AzureResult("container", connection_string_secret="SECRET", location="a"),
    "GCSResult": lambda: results.GCSResult("bucket", location="a/b"),
    "S3Result": lambda: results.S3Result("bucket", location="a", boto3_kwargs={"region_name": "eu-west-1"}),
}

STATES = {
    "a message": lambda: state.Success("done"),
    "an exception as message": lambda: state.Failed(ValueError("boom")),
    "a value": lambda: state.Success(result=3),
    "an exception as value": lambda: state.Failed("no", result=ValueError("boom")),
    "a context": lambda: state.Running(context={"tags": ["a"], "nested": {"n": (1, None)}}),
    "scheduled": lambda: state.Scheduled(start_time=_MOMENT),
    "scheduled without a time zone": lambda: state.Scheduled(start_time=_NAIVE),
    "paused": lambda: state.Paused("wait"),
    "paused until": lambda: state.Paused(start_time=_MOMENT),
    "resume": lambda: state.Resume(start_time=_MOMENT),
    "retrying": lambda: state.Retrying(start_time=_MOMENT, run_count=3),
    "looped": lambda: state.Looped(result=4, loop_count=2),
    "looping again": lambda: state.Pending(cached_inputs={"_loop_result": Result(3, location="here")}),
    "cached": lambda: state.Cached(result=1),
    "cached inputs": lambda: state.Retrying(
        start_time=_MOMENT,
        run_count=2,
        cached_inputs={
            "plain": Result(3, location="here"),
            "stored": LocalResult(dir="/data", location="b", validate_dir=False),
            "secret": PrefectSecret("TOKEN").result,
            "nothing": NoResult,
        },
    ),
    "a message of several lines": lambda: state.Failed("Traceback:\n  ü → \u2028"),
    "looped with a stored value": lambda: state.Looped(
        loop_count=3, result=LocalResult(dir="/data", location="c", validate_dir=False)
    ),
    "mapped over nothing": lambda: state.Mapped("none", map_states=[]),
    "mapped over what is not known any more": lambda: state.Mapped(n_map_states=7),
    "cached with all": lambda: state.Cached(
        cached_parameters={"p": [1]}, cached_result_expiration=_MOMENT, hashed_inputs={"x": "ab"}
    ),
    "mapped": lambda: state.Mapped("two", map_states=[state.Success(), state.Failed()]),
    "queued": lambda: state.Queued(state=state.Scheduled(start_time=_MOMENT), start_time=_MOMENT),
    "submitted": lambda: state.Submitted("taken", state=state.Running("go")),
    "client failed": lambda: state.ClientFailed(state=state.Failed("no")),
    "submitted twice": lambda: state.Submitted(
        state=state.Queued(state=state.Retrying(start_time=_MOMENT, run_count=2))
    ),
    "queued with a mapped state": lambda: state.Queued(
        state=state.Mapped(map_states=[state.Success()]), start_time=_MOMENT
    ),
    "submitted with a stored value": lambda: state.Submitted(
        state=state.Cached(result=LocalResult(dir="/data", location="d", validate_dir=False))
    ),
    "submitted with nothing": lambda: state.Submitted(),
    **{
        name.lower(): (lambda name=name: getattr(state, name)(name))
        for name in (
            *("Pending", "Running", "Cancelling", "Finished", "Success", "Skipped", "Cancelled", "Failed"),
            *("TimedOut", "TriggerFailed", "ValidationFailed"),
        )
    },
}

STATES.update({f"with {name}": (lambda make=make: state.Success(result=make())) for name, make in RESULTS.items()})
