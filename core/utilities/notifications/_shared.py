"""What all notifiers have in common.

Source: core.md §19.1.
"""

from __future__ import annotations

from functools import partial, wraps
from inspect import Parameter, Signature, signature
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from prefect.engine.state import State

_STATES = [Parameter(name, Parameter.POSITIONAL_OR_KEYWORD) for name in ("tracked_obj", "old_state", "new_state")]
_FILTERS = [Parameter(name, Parameter.POSITIONAL_OR_KEYWORD, default=None) for name in ("ignore_states", "only_states")]

#: A notification must not hold a flow up for longer, in seconds.
TIMEOUT_SECONDS = 30


def notifier(tell: Callable[..., None]) -> Callable[..., Any]:
    """Make a state handler of a function that tells somebody about a state.

    The handler takes ``tracked_obj, old_state, new_state, ignore_states=None, only_states=None`` and the options of the
    function. It collects them over several calls, until those without a default are among them; then it tells of the new
    state, if that is one of those wanted, and returns it.

    Args:
        tell: Called with the flow or task, its new state, and its own options by name.

    Raises:
        TypeError: When the handler is called: an option is unknown, or the states are not a list of classes.
    """
    own = list(signature(tell).parameters.values())[2:]
    accepted = Signature([*_STATES, *_FILTERS, *own])
    required = {parameter.name for parameter in _STATES}

    @wraps(tell)
    def collect(*args: Any, **kwargs: Any) -> Any:
        try:
            given = accepted.bind_partial(*args, **kwargs).arguments
        except TypeError as error:
            raise TypeError(f"{tell.__name__}: {error}. It takes: {', '.join(accepted.parameters)}.") from None
        ignored, only = (_classes(given.pop(parameter.name, None), parameter.name) for parameter in _FILTERS)
        if not required <= given.keys():
            return partial(collect, *args, **kwargs)
        state = given["new_state"]
        if not isinstance(state, ignored) and (not only or isinstance(state, only)):
            tell(given["tracked_obj"], state, **{name: given[name] for name in given.keys() - required})
        return state

    collect.__signature__ = accepted  # type: ignore[attr-defined]
    return collect


def _classes(states: Any, argument: str) -> tuple[type[State], ...]:
    if not isinstance(states, (list, tuple, set, frozenset, type(None))) or not all(
        isinstance(state, type) for state in states or ()
    ):
        raise TypeError(f"`{argument}` is {states!r}. Give a list of state classes, such as [Failed].")
    return tuple(states or ())


def import_library(module: str, package: str, needed_by: str) -> Any:
    """Import a module of a library that no extra of this package brings.

    Raises:
        ImportError: It is not installed.
    """
    from importlib import import_module

    try:
        return import_module(module)
    except ImportError as error:
        raise ImportError(
            f'`{needed_by}` needs the library `{package}`. Install it: pip install "{package}".'
        ) from error


def read_secret(name: str) -> Any:
    """Return the value of a secret.

    Raises:
        ValueError: There is no secret of that name.
    """
    from prefect.client.secrets import Secret

    return Secret(name).get()


def details_of(state: State) -> tuple[str, bool]:
    """Return what there is to say about a state, and whether it is an exception's repr."""
    if isinstance(state.result, Exception):
        return repr(state.result), True
    return "" if state.message is None else str(state.message), False


def post_to_slack(url: Any, document: Any, named: str, proxies: dict[str, str] | None = None) -> None:
    """Post a JSON document to a webhook of Slack.

    Args:
        url: The web address. It is as good as a password, so no error tells it.
        document: What is posted.
        named: What errors call the address, as the beginning of a sentence.
        proxies: Scheme → URL of a proxy; by default what the environment says.

    Raises:
        OSError: It was not taken, or not within the time limit.
        ValueError: The address is none of the web.
    """
    import json
    from urllib.request import ProxyHandler, Request, build_opener

    if not str(url).startswith(("http://", "https://")):
        raise ValueError(f"{named} is not a web address. Set it to the URL of a Slack webhook.")
    request = Request(str(url), data=json.dumps(document).encode(), headers={"Content-Type": "application/json"})
    with build_opener(ProxyHandler(proxies)).open(request, timeout=TIMEOUT_SECONDS):
        pass  # a refusal raises HTTPError, which is an OSError
