"""Every path of the store and every id that says where its file is, built and parsed here and nowhere else.

No name can lead out of the store: ids are matched against the UUID pattern before they become paths, all other names go
through :func:`slug`. Source: store.md §3, §5.
"""

from __future__ import annotations

import os
import re
import time
from functools import lru_cache
from typing import NamedTuple

from prefect.storage.state.digests import digest_of

#: Bits at the end of a run's id that number its task runs and artifacts.
MEMBER_BITS = 22
_MEMBERS = (1 << MEMBER_BITS) - 1
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
_RUN_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{6}[048c]00000\Z")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00\Z")
_MINUTE = re.compile(r"\d{8}T\d{4}\Z")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_NOT_LABEL = re.compile(rb"[^a-z0-9_-]")
_ESCAPED = re.compile(rb"%([0-9a-f]{2})")
_LONGEST_SLUG = 60
_LONGEST_LABELS = 200

#: Directory of runs without labels, and of runs whose labels make too long a name.
NO_LABELS, LONG_LABELS = "_", "~"


def new_run_id(milliseconds: int) -> str:
    """Return a fresh run id: a UUID of version 7 whose last 22 bits are zero.

    Args:
        milliseconds: Unix time.
    """
    random = int.from_bytes(os.urandom(7), "big")
    number = (milliseconds & (1 << 48) - 1) << 80 | 7 << 76 | (random & 0xFFF) << 64 | 2 << 62
    return uuid_text(number | (random >> 12 & (1 << 40) - 1) << MEMBER_BITS)


def new_id() -> str:
    """Return a fresh id for anything but a run: a random UUID."""
    number = int.from_bytes(os.urandom(16), "big")
    return uuid_text(number & ~(0xF << 76) & ~(3 << 62) | 4 << 76 | 2 << 62)


def new_flow_id() -> str:
    """Return a fresh id for a registered flow: random, with 22 zero bits at the end that number its tasks."""
    return uuid_text(int(new_id().replace("-", ""), 16) & ~_MEMBERS)


def uuid_text(number: int) -> str:
    """Return a 128-bit number in the usual form of a UUID."""
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def is_id(text: object) -> bool:
    """Return whether a text is a UUID in lower case."""
    return isinstance(text, str) and _UUID.match(text) is not None


def checked(id: str) -> str:
    """Return ``id``.

    Raises:
        ValueError: It is no UUID in lower case.
    """
    if not is_id(id):
        raise _no_id(id)
    return id


def _no_id(id: object) -> ValueError:
    return ValueError(f"{id!r} is no id. Ids are UUIDs such as 018f86c9-d443-7c3e-9d02-6f1b2a400000.")


def run_of(id: str) -> str:
    """Return the id of the run that a task run or an artifact belongs to, or of the flow that a task belongs to."""
    try:
        return _apart(id)[0]
    except TypeError:  # what cannot be remembered is no text
        raise _no_id(id) from None


def member(run_id: str, number: int) -> str:
    """Return the id of a run's task run or artifact, or of a flow's task.

    Args:
        run_id: Id of the run or flow.
        number: From 1 to 2²² - 1.
    """
    if not 0 < number <= _MEMBERS:
        raise ValueError(f"A flow run has at most {_MEMBERS} task runs and artifacts. Split the flow into several.")
    return f"{checked(run_id)[:-6]}{int(run_id[-6:], 16) | number:06x}"


def members(run_id: str, count: int) -> list[str]:
    """Return the ids of the first so many task runs of a run, or tasks of a flow."""
    prefix, last = checked(run_id)[:-6], int(run_id[-6:], 16)
    return [f"{prefix}{last | number:06x}" for number in range(1, count + 1)]


def number_of(id: str) -> int:
    """Return the number of a task run or artifact in its run; 0 for the run itself."""
    try:
        return _apart(id)[1]
    except TypeError:
        raise _no_id(id) from None


@lru_cache(maxsize=256)
def _apart(id: str) -> tuple[str, int]:
    """Return run and number of a member; remembered, since every layer asks for them at each change of state."""
    # Without arithmetic: 22 bits are the last five hex digits and half of the one before.
    return f"{checked(id)[:30]}{'048c'[int(id[30], 16) >> 2]}00000", int(id[-6:], 16) & _MEMBERS


def is_run_id(text: object) -> bool:
    """Return whether a text has the form of a run's id."""
    return isinstance(text, str) and _RUN_ID.match(text) is not None


@lru_cache(maxsize=256)
def hour_of(id: str) -> str:
    """Return day and hour (UTC) of a run's creation, such as ``2024-05-17/13``."""
    return time.strftime("%Y-%m-%d/%H", time.gmtime(int(checked(id)[:8] + id[9:13], 16) // 1000))


def slug(name: str) -> str:
    """Return a file name for a name of any kind: readable, safe everywhere, different for different names."""
    readable = _NOT_SLUG.sub("-", name.lower())[:_LONGEST_SLUG].strip("-")
    digest = digest_of(name)[:12]
    return f"{readable}-{digest}" if readable else digest


def labels_key(labels: list[str]) -> str:
    """Return the directory name of a set of labels."""
    if not labels:
        return NO_LABELS
    key = "+".join(sorted(map(_label_key, labels)))
    return key if len(key) <= _LONGEST_LABELS else LONG_LABELS


def labels_of(key: str) -> set[str] | None:
    """Return the labels of a directory name; None where only the runs themselves can tell."""
    if key == LONG_LABELS:
        return None
    if key == NO_LABELS:
        return set()
    try:
        return {"" if part == "%" else _label_of(part) for part in key.split("+")}
    except UnicodeDecodeError:
        return None  # not ours, but no reason to stop


def _label_key(label: str) -> str:
    if label in ("", NO_LABELS):
        return "%" if label == "" else "%5f"
    return _NOT_LABEL.sub(_percent, label.encode("utf-8", "surrogatepass")).decode()


def _label_of(part: str) -> str:
    raw = _ESCAPED.sub(lambda match: bytes((int(match.group(1), 16),)), part.encode())
    return raw.decode("utf-8", "surrogatepass")


def _percent(match: re.Match[bytes]) -> bytes:
    return b"%%%02x" % match.group()[0]


class QueueEntry(NamedTuple):
    """A queue marker, taken apart: the run, its due time to the millisecond, and the marker's path."""

    run_id: str
    due: str
    path: str


def minute_of(time_text: str) -> str:
    """Return the name of the queue's directory for a time, such as ``20240517T1345``."""
    return f"{time_text[:4]}{time_text[5:7]}{time_text[8:13]}{time_text[14:16]}"


def is_minute(name: str) -> bool:
    """Return whether a name is that of a queue's directory for a minute."""
    return _MINUTE.match(name) is not None


def millisecond_of(time_text: str) -> str:
    """Return how a time stands in a queue marker, such as ``20240517T134500.000``."""
    return f"{minute_of(time_text)}{time_text[17:23]}"


class Layout:
    """The paths under one root.

    Attributes:
        root: The store's folder.
    """

    def __init__(self, root: str) -> None:
        self.root = root

    def run(self, id: str) -> str:
        """Return the record of a run."""
        return f"{self.root}/runs/{hour_of(id)}/{id}.jsonl"

    def tasks(self, run_id: str) -> str:
        """Return the journal of a run's task runs and artifacts."""
        return f"{self.root}/tasks/{hour_of(run_id)}/{run_id}.jsonl"

    def log(self, run_id: str) -> str:
        """Return the log of a run."""
        return f"{self.root}/logs/{hour_of(run_id)}/{run_id}.jsonl"

    def key(self, flow_id: str, key: str) -> str:
        """Return the record of an idempotency key."""
        digest = digest_of(f"{checked(flow_id)}\0{key}")
        return f"{self.root}/keys/{digest[:2]}/{digest}.jsonl"

    def queued(self, labels: list[str], due: str, id: str) -> str:
        """Return the queue marker of a run.

        Raises:
            ValueError: ``due`` is no time as the store writes them; text order would not be time order.
        """
        if not _TIME.match(due):
            raise ValueError(f"{due!r} is no time as the store writes them, such as 2024-05-17T13:45:00.041200+00:00.")
        return f"{self.root}/queue/{labels_key(labels)}/{minute_of(due)}/{millisecond_of(due)}~{checked(id)}"

    @property
    def active_runs(self) -> str:
        """The folder of the markers of runs that were picked up and have not finished."""
        return f"{self.root}/active"

    def active(self, id: str) -> str:
        """Return the marker of a run that was picked up and has not finished."""
        return f"{self.active_runs}/{checked(id)}"

    def named(self, name: str) -> str:
        """Return the path prefix of the markers of all runs of a name; a run's id follows."""
        key = slug(name)
        return f"{self.root}/names/{key[-12:-9]}/{key}~"

    def of_group(self, flow_group_id: str) -> str:
        """Return the folder of the markers of a flow group's runs, by day."""
        return f"{self.root}/by-flow/{checked(flow_group_id)}"

    def flow(self, id: str) -> str:
        """Return the record of a registered flow."""
        return f"{self.root}/flows/{checked(id)}.jsonl"

    def flows_named(self, project_id: str, name: str) -> str:
        """Return the folder of the markers of all versions of a flow in a project."""
        return f"{self.flows_in_project(project_id)}/{slug(name)}"

    def flows_in_project(self, project_id: str) -> str:
        """Return the folder that has a folder for each name of a flow in a project."""
        return f"{self.root}/flow-names/{checked(project_id)}"

    def flows_of_group(self, flow_group_id: str) -> str:
        """Return the folder of the markers of all versions of a flow group."""
        return f"{self.root}/group-flows/{checked(flow_group_id)}"

    def unarchived_of_group(self, flow_group_id: str) -> str:
        """Return the folder of the markers of the versions of a flow group that are not archived."""
        return f"{self.root}/unarchived/{checked(flow_group_id)}"

    def scheduled(self, flow_id: str) -> str:
        """Return the marker of a version whose schedule is active."""
        return f"{self.root}/scheduled/{checked(flow_id)}"

    def collection(self, kind: str) -> str:
        """Return the folder of a collection of documents."""
        return f"{self.root}/{kind}"

    def document(self, kind: str, name: str, id: str) -> str:
        """Return the file of a document with a unique name."""
        return f"{self.root}/{kind}/{slug(name)}~{checked(id)}.json"

    def slots(self, limit_id: str) -> str:
        """Return the folder of the units in use of a concurrency limit."""
        return f"{self.root}/slots/{checked(limit_id)}"

    def cached(self, key: str) -> str:
        """Return the stream of cached states of a cache key or task."""
        return f"{self.root}/cached/{slug(key)}.jsonl"

    def feed(self, day: str) -> str:
        """Return the stream of one day's state changes.

        Args:
            day: Such as ``2024-05-17``.
        """
        return f"{self.root}/feed/{day}.jsonl"

    def lease(self, name: str) -> str:
        """Return the file that is locked by the one process that does a service."""
        return f"{self.root}/locks/{name}"

    def inside(self, path: str) -> str:
        """Return a path relative to the root, for messages."""
        return path[len(self.root) + 1 :]


def parse_queued(path: str) -> QueueEntry | None:
    """Take the path of a queue marker apart; None if it is no such path."""
    due, separator, id = os.path.basename(path).partition("~")
    return QueueEntry(id, due, path) if separator and is_run_id(id) and len(due) == 19 else None


def id_in(name: str) -> str | None:
    """Return the id at the end of a marker's or document's file name; None if there is none."""
    stem = name.removesuffix(".json").removesuffix(".jsonl")
    id = stem.rpartition("~")[2]
    return id if is_id(id) else None
