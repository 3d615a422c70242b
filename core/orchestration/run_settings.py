"""What a new flow run gets from its flow, its flow group and whoever creates it.

Source: backend.md §6.3 - §6.5; DESIGN decision 7.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from prefect.exceptions import ClientError
from prefect.orchestration.naming import checked_labels

if TYPE_CHECKING:
    from collections.abc import Iterable

    Record = dict[str, Any]


def run_labels(
    flow: Record, group: Record, labels: Iterable[str] | None, run_config: Mapping[str, Any] | None
) -> list[str]:
    """Return the labels of a new run: those of the first place that says anything, never merged.

    Args:
        flow: The registered flow.
        group: Its flow group.
        labels: Given for this run; an empty list counts.
        run_config: Given for this run.

    Raises:
        ClientError: The labels are no list of texts.
    """
    if labels is None and run_config is not None:
        labels = run_config.get("labels") or []
    if labels is None:
        labels = group["labels"]
    if labels is None:
        labels = (group["run_config"] or flow["run_config"] or {}).get("labels") or []
    return checked_labels(labels)


def effective_run_config(flow: Record, group: Record, run_config: Mapping[str, Any] | None) -> Record | None:
    """Return the run config of a new run: the given one, else the group's, else the flow's."""
    if run_config is not None:
        return dict(run_config)
    found: Record | None = group["run_config"] or flow["run_config"]
    return found


def effective_parameters(
    flow: Record, group: Record, given: Mapping[str, Any], allow_unknown: bool = False
) -> dict[str, Any]:
    """Return the values of a new run's parameters: the flow's defaults, then the group's, then those given.

    A default of null is left out, since the flow itself has it. Those of the group that the flow does not know, perhaps
    no more, are left out too.

    Args:
        flow: The registered flow.
        group: Its flow group.
        given: For this run.
        allow_unknown: Keep given values of parameters that the flow does not have, instead of refusing them.

    Raises:
        ClientError: A required parameter has no value ("Required parameters were not supplied"), or the flow does not
            have one that is given, or a value holds NaN or Infinity.
    """
    given = checked_values("parameter", given)
    known = {parameter["name"]: parameter for parameter in flow["parameters"]}
    unknown = [] if allow_unknown else [name for name in given if name not in known]
    values = {name: parameter["default"] for name, parameter in known.items() if parameter.get("default") is not None}
    values.update({name: value for name, value in (group["default_parameters"] or {}).items() if name in known})
    values.update(given)
    missing = [name for name, parameter in known.items() if parameter.get("required") and name not in values]
    if unknown or missing:
        raise _refused(flow, sorted(unknown), sorted(missing), sorted(known))
    return values


def checked_values(what: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values of a new run, of which none is or holds a number that JSON does not have.

    Args:
        what: What they are, such as ``parameter``.
        values: By name.

    Raises:
        ClientError: One is NaN or Infinity, or holds it, or they have no names at all.
        TypeError: One is nothing that JSON can say.
    """
    if not isinstance(values, Mapping):
        raise ClientError(f"Each {what} has a name, and {values!r} has none.", hint="Give a dictionary.")
    for name, value in values.items():
        try:
            json.dumps(value, allow_nan=False)
        except ValueError as error:
            raise ClientError(
                f"The {what} {name!r} cannot be kept as JSON: {error}.",
                hint="Give it a value without NaN, Infinity, and numbers too large for a float.",
            ) from error
        except TypeError as error:
            raise TypeError(f"The {what} {name!r} cannot be kept as JSON: {error}.") from error
    return dict(values)


def _refused(flow: Record, unknown: list[str], missing: list[str], known: list[str]) -> ClientError:
    sentences: list[str] = []
    hints: list[str] = []
    if unknown:
        from prefect.utilities._suggestions import did_you_mean

        sentences.append(f"The flow {flow['name']!r} has no {_parameters(unknown)}.")
        hints += filter(None, dict.fromkeys(did_you_mean(name, known) for name in unknown))
        hints.append(f"It has the {_parameters(known)}." if known else "It has no parameters at all.")
    if missing:
        sentences.append(f"Required parameters were not supplied: {{{_quoted(missing)}}}.")
        hints.append(f"Give a value for {_quoted(missing)}.")
    return ClientError(" ".join(sentences), hint=" ".join(hints))


def _parameters(names: list[str]) -> str:
    return f"parameter{'s' if len(names) > 1 else ''} {_quoted(names)}"


def _quoted(names: list[str]) -> str:
    return ", ".join(map(repr, names))
