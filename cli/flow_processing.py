"""What ``prefect register`` and ``prefect build`` share: flows collected, stored and handled one by one, and the sum of it.

Source: cli.md §5.2 to §5.5; DESIGN §4 decisions 3 to 5.
"""

from __future__ import annotations

import warnings
from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from prefect.cli.errors import FAILED, CommandError, message_of
from prefect.cli.garbage import collect_garbage_from_now_on
from prefect.cli.render import Narration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from prefect.flow import Flow
    from prefect.registering.sources import FlowSource, LoadedSource
    from prefect.registering.storage_groups import StorageGroup

    FlowOrDocument = Flow | dict[str, Any]

#: Width that the last line has at least, in characters.
_WIDTH = 60


def collect(
    sources: Iterable[FlowSource], names: Sequence[str], *, skip_unloadable: bool = False
) -> list[LoadedSource]:
    """Load all sources before anything is done with them.

    Args:
        sources: Where the flows are.
        names: Names of the flows to take; none for all.
        skip_unloadable: Say what cannot be loaded or found, and go on with the rest.

    Raises:
        FlowLoadError: Something cannot be loaded or found.
    """
    from prefect.loading import FlowLoadError
    from prefect.registering.sources import names_not_found, only_named

    def say_or_raise(error: FlowLoadError) -> None:
        if not skip_unloadable:
            raise error
        message_of(error).show()

    collect_garbage_from_now_on()
    click.echo("Collecting flows...")
    loaded: list[LoadedSource] = []
    for source in sources:
        try:
            loaded.append(source.load())
        except FlowLoadError as error:
            say_or_raise(error)
    chosen, missing = only_named(loaded, names)
    if missing:
        say_or_raise(names_not_found(missing, loaded))
    return chosen


def process(
    loaded: Iterable[LoadedSource],
    labels: Sequence[str],
    verb: str,
    handle: Callable[[FlowOrDocument, Narration], str],
) -> Counter[str]:
    """Store flows and handle each; one that fails does not stop the others.

    Args:
        loaded: The flows.
        labels: Added to those of each flow.
        verb: What is done with a flow, such as ``Registering``.
        handle: Does it, ends the line that announces it, and returns what has been done, such as ``registered``.

    Returns:
        How many flows have come to what, such as ``registered`` or ``errored``.
    """
    from prefect.context import context
    from prefect.registering.storage_groups import storage_groups

    counts: Counter[str] = Counter()
    for source in loaded:
        if not source.names():
            continue
        click.echo(f"Processing {source.location!r}:")
        with context(local_script_path=source.file):
            for group in storage_groups(source, labels):
                _build(group)
                counts.update(_handled(flow, group, verb, handle) for flow in group.flows)
    return counts


def _build(group: StorageGroup) -> None:
    if group.storage is not None:
        click.echo(f"  Building `{type(group.storage).__name__}` storage...")
    with warnings.catch_warnings(record=True) as told:
        group.build()
    for warning in told:  # they come from lines of this package, which tell a user nothing
        click.secho(f"    Warning: {warning.message}", fg="yellow", err=True)
    if group.error is not None:
        _explain("    Error building storage:", group.error)


def _handled(
    flow: FlowOrDocument, group: StorageGroup, verb: str, handle: Callable[[FlowOrDocument, Narration], str]
) -> str:
    from prefect.registering.registration import name_of
    from prefect.storage.state.errors import StoreError

    narration = Narration(quiet=False)
    narration.begin(f"  {verb} {name_of(flow)!r}...")
    if group.error is not None:
        narration.failed()
        return "errored"
    try:
        return handle(flow, narration)
    except StoreError:
        narration.failed()
        raise
    except Exception as error:  # noqa: BLE001 - the code of flows and storages is the user's
        narration.failed()
        _explain(f"    Error {verb.lower()} {name_of(flow)!r}:", error)
        return "errored"
    except BaseException:
        narration.abandoned()
        raise


def _explain(headline: str, error: Exception) -> None:
    """Print on stderr what went wrong: with a traceback if code of the user took part."""
    from prefect.cli.errors import user_traceback
    from prefect.exceptions import PrefectException

    if isinstance(error, PrefectException) or not is_of_user(error):
        kind = "" if isinstance(error, (PrefectException, ValueError)) else f"{type(error).__name__}: "
        text = f"  {kind}{error} {getattr(error, 'hint', '')}".rstrip()
    else:
        text = user_traceback(error)
    click.secho("\n".join([headline, *(f"    {line}" for line in text.splitlines())]), fg="red", err=True)


def is_of_user(error: BaseException) -> bool:
    """Return whether an exception passed through code that belongs neither to Python nor to an installed package."""
    import sysconfig
    from traceback import walk_tb

    import prefect

    paths = sysconfig.get_paths()
    installed = (*{paths[key] for key in ("stdlib", "platstdlib", "purelib", "platlib")}, *prefect.__path__, "<frozen")
    return any(not frame.f_code.co_filename.startswith(installed) for frame, _ in walk_tb(error.__traceback__))


def print_summary(counts: Counter[str], done: str) -> None:
    """Print the last line.

    Args:
        counts: How many flows have come to what.
        done: What is counted though it be none.

    Raises:
        CommandError: A flow has failed.
    """
    shown = [f"{counts[what]} {what}" for what in (done, "skipped", "errored") if counts[what] or what == done]
    text = ", ".join(shown)
    edge = "=" * (max(_WIDTH - len(text), 4) // 2)
    click.echo(f"{edge} {text} {edge}")
    if counts["errored"]:
        raise CommandError("", exit_code=FAILED)
