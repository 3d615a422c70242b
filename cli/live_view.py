"""The live view of a run on a terminal: shown after a second, gone when the run is over.

A thread draws it, except where tasks run in forked processes: forking is safe only as long as a process has one thread,
so there the view is drawn whenever a state changes.

Source: issue "A live view"; DESIGN §4 decision 6.
"""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING, Any, TextIO, cast

from prefect.cli.live_streams import ChildOutput, StreamAbove, WatchedInput
from prefect.cli.signals import uninterrupted

if TYPE_CHECKING:
    from collections.abc import Hashable

    from rich.live import Live

    from prefect.cli.live_progress import Progress, Standing

#: Seconds that a run lasts before the view appears: shorter ones are better read as plain lines.
APPEARS_AFTER = 1.0
#: Seconds between two drawings.
REDRAWN_EVERY = 0.125


class LiveView:
    """Shows how far a flow run is, from :meth:`begin` to :meth:`end`.

    It is no context manager: Ctrl-C may come at any moment after it began, so whoever begins it does so within a block
    that ends it.

    Args:
        progress: What is shown; changed through this view alone, whose thread reads it.
        forks: Tasks run in processes that are forked from this one.
    """

    def __init__(self, progress: Progress, *, forks: bool = False) -> None:
        self._progress = progress
        self._forks = forks
        self._lock = threading.RLock()
        self._live: Live | None = None
        self._held: list[str] = []
        self._over = threading.Event()
        self._next_drawing = time.monotonic() + APPEARS_AFTER
        self._streams = (sys.stdin, sys.stdout, sys.stderr)
        self._children = ChildOutput()
        self._out = StreamAbove(sys.stdout, self._lock)
        # Errors redirected to a file stay there.
        self._above = [self._out, *([StreamAbove(sys.stderr, self._lock)] if sys.stderr.isatty() else [])]

    def begin(self) -> None:
        """Take over the standard streams, and appear after a while."""
        from prefect.utilities.logging import log_to

        if self._forks:
            for stream in self._above:
                stream.before_writing = self._copy_children
        sys.stdout = self._out
        if len(self._above) > 1:
            sys.stderr = self._above[1]
        if sys.stdin is not None:
            sys.stdin = WatchedInput(sys.stdin, self._remove)
        log_to(cast(TextIO, self._out))
        if not self._forks:
            threading.Thread(target=self._keep_drawing, name="prefect-live-view", daemon=True).start()

    def end(self) -> None:
        """Disappear, and give the standard streams back; also if it had begun only in part."""
        from prefect.utilities.logging import log_to

        self._remove()
        self._copy_children()
        self._children.close()
        sys.stdin, sys.stdout, sys.stderr = self._streams
        log_to(sys.stdout)

    def restart(self) -> None:
        """Begin to count again."""
        with self._lock:
            self._progress.restart()

    def count_time_from(self, moment: float) -> None:
        """Take note of when the run began, in seconds of the clock of its progress."""
        with self._lock:
            self._progress.began = moment

    def task_changed(self, key: Hashable, map_index: int | None, standing: Standing, at: float | None = None) -> None:
        """Take note of a task's new state; see :meth:`Progress.task_changed`."""
        with self._lock:
            self._progress.task_changed(key, map_index, standing, at)
        if self._forks:
            self._draw_uninterrupted()

    def _keep_drawing(self) -> None:
        while not self._over.wait(REDRAWN_EVERY):
            self._draw_if_due()

    def _draw_uninterrupted(self) -> None:
        """Draw in the main thread, which Ctrl-C would otherwise leave with half a drawing."""
        with uninterrupted():
            self._copy_children()
            self._draw_if_due()

    def _draw_if_due(self) -> None:
        if time.monotonic() < self._next_drawing:
            return
        with self._lock:
            if self._over.is_set():
                return
            self._copy_children()
            if self._live is None:
                if not all(stream.at_line_start for stream in self._above):
                    return  # Somebody is in the middle of a line, which drawing would erase.
                self._live = self._started()
            self._print_held()
            self._live.update(self._drawing(), refresh=True)
            self._next_drawing = time.monotonic() + REDRAWN_EVERY

    def _started(self) -> Live:
        from rich.console import Console
        from rich.live import Live

        console = Console(file=self._out.stream, highlight=False, markup=False, emoji=False, soft_wrap=True)
        live = Live(console=console, auto_refresh=False, transient=True, redirect_stdout=False, redirect_stderr=False)
        live.start()
        for stream in self._above:
            stream.go_above(self._hold)
        return live

    def _hold(self, lines: str) -> None:
        """Keep lines until the next drawing: drawing after each of a hundred thousand would cost more than the tasks."""
        self._held.append(lines)
        if self._forks:
            self._draw_uninterrupted()

    def _print_held(self) -> None:
        if self._held and self._live is not None:
            lines, self._held = "\n".join(self._held), []
            self._live.console.out(lines, highlight=False)

    def _drawing(self) -> Any:
        from rich.table import Table
        from rich.text import Text

        table = Table.grid(padding=(0, 1))
        table.add_column(no_wrap=True, max_width=40)
        table.add_column(no_wrap=True)
        for name, doing in self._progress.details():
            table.add_row(Text("  " + name, style="cyan"), Text(doing))
        whole = Table.grid()
        whole.add_row(Text(self._progress.headline(), style="bold", no_wrap=True, overflow="ellipsis"))
        if table.row_count:
            whole.add_row(table)
        return whole

    def _copy_children(self) -> None:
        with self._lock:
            text = self._children.new_text()
            if text:
                self._out.write(text)
                self._out.flush()

    def _remove(self) -> None:
        """Remove the view for good; its thread draws no more and ends."""
        with self._lock:
            self._over.set()
            if self._live is not None:
                self._print_held()
                self._live.stop()
                self._live = None
            for stream in self._above:
                stream.go_back()
