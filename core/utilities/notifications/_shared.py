"""What all notifiers have in common.

Source: core.md §19.1.
"""

from __future__ import annotations

from functools import partial, wraps
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from prefect.engine.state import State

    StateClasses = Sequence[type[State]] | None

#: A notification must not hold a flow up for longer, in seconds.
TIMEOUT_SECONDS = 30


def curried(notify: Callable[..., State]) -> Callable[..., Any]:
    """Let a notifier collect its arguments over several calls, until those of a state handler are among them."""
    accepted = signature(notify)
    required = {name for name, parameter in accepted.parameters.items() if parameter.default is Parameter.empty}

    @wraps(notify)
    def collect(*args: Any, **kwargs: Any) -> Any:
        given = accepted.bind_partial(*args, **kwargs).arguments
        return notify(*args, **kwargs) if required <= set(given) else partial(collect, *args, **kwargs)

    return collect


def is_wanted(state: State, ignore_states: StateClasses, only_states: StateClasses) -> bool:
    """Return whether a state is one of those of which something is told."""
    if ignore_states and isinstance(state, tuple(ignore_states)):
        return False
    return not only_states or isinstance(state, tuple(only_states))


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


def post_json(url: str, document: Any, proxies: dict[str, str] | None) -> None:
    """Post a JSON document.

    Args:
        url: The web address.
        document: What is posted.
        proxies: Scheme → URL of a proxy; by default what the environment says.

    Raises:
        OSError: It was not taken, or not within the time limit.
    """
    import json
    from urllib.request import ProxyHandler, Request, build_opener

    request = Request(url, data=json.dumps(document).encode(), headers={"Content-Type": "application/json"})
    with build_opener(ProxyHandler(proxies)).open(request, timeout=TIMEOUT_SECONDS):
        pass  # a refusal raises HTTPError, which is an OSError
