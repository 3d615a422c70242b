"""The acceptance examples: plain script fragments whose assertions held on release 1.4.1.

Source: core.md §24, in its order and with its code.
"""

# ruff: noqa: PT018, RET503 - the code stays as the specification has it

from __future__ import annotations

import os
from datetime import timedelta

import prefect
from prefect import Flow, Parameter, Task, apply_map, case, flatten, mapped, tags, task, unmapped
from prefect.engine import signals
from prefect.engine.results import LocalResult
from prefect.engine.serializers import JSONSerializer
from prefect.engine.state import Success
from prefect.tasks.control_flow import merge
from prefect.triggers import all_finished, any_failed


@task
def double(n):
    return n * 2


@task(nout=2)
def split(n):
    return n // 10, n % 10


def test_functional_style_parameters_nout_operators_and_slugs():
    with Flow("e1") as flow:
        n = Parameter("n", default=42)
        tens, ones = split(n)
        total = double(tens) + ones
    state = flow.run()
    assert state.result[total].result == 10
    assert flow.run(n=57).result[total].result == 17
    assert flow.run(parameters={"n": 57}).result[tens].result == 5
    assert sorted(flow.slugs.values()) == ["Add-1", "double-1", "n", "split-1", "split[0]-1", "split[1]-1"]


def test_imperative_style_keyed_edges_and_constants():
    class Emit(Task):
        def __init__(self, value, **kwargs):
            self.value = value
            super().__init__(**kwargs)

        def run(self):
            return self.value

    class Join(Task):
        def run(self, left, right="-"):
            return f"{left}{right}"

    flow = Flow("e2")
    a, j, last = Emit("a", name="first"), Join(), Emit(None, name="last")
    flow.add_edge(a, j, key="left")
    flow.set_dependencies(j, keyword_tasks={"right": "!"}, downstream_tasks=[last])
    state = flow.run()
    assert state.result[j].result == "a!" and flow.constants[j] == {"right": "!"}
    assert flow.terminal_tasks() == {last} and flow.root_tasks() == {a}


def test_mapping_with_skips_and_reducing_with_and_without_skipping():
    @task
    def odd_only(n):
        if n % 2 == 0:
            raise signals.SKIP(f"{n} is even")
        return n

    @task(skip_on_upstream_skip=False, trigger=all_finished)
    def collect(items):
        return [i if isinstance(i, int) else type(i).__name__ for i in items]

    with Flow("e3") as flow:
        kept = odd_only.map([1, 2, 3])
        doubled = double.map(kept)
        out = collect(kept)
        strict = double(kept)
    state = flow.run()
    assert state.is_successful()
    assert [type(s).__name__ for s in state.result[doubled].map_states] == ["Success", "Skipped", "Success"]
    assert state.result[doubled].result == [2, None, 6]
    assert state.result[out].result == [1, "SKIP", 3]
    assert state.result[strict].is_skipped()


def test_unmapped_flatten_mapped_and_the_shortest_input():
    @task
    def combine(a, b, c):
        return (a, b, c)

    with Flow("e4") as flow:
        r = combine.map([1, 2, 3], unmapped([9]), flatten([[4], [5]]))
        s = combine(mapped([1, 2]), 0, c=mapped("xy"))
    state = flow.run()
    assert state.result[r].result == [(1, [9], 4), (2, [9], 5)]
    assert state.result[s].result == [(1, 0, "x"), (2, 0, "y")]


def test_retries_retry_on_triggers_and_reference_tasks():
    calls = []

    @task(max_retries=2, retry_delay=timedelta(seconds=0), retry_on=KeyError)
    def picky(kind):
        calls.append((kind, prefect.context.task_run_count))
        if kind == "key":
            raise KeyError(kind)
        raise ValueError(kind)

    @task(trigger=any_failed)
    def report():
        return "reported"

    with Flow("e5") as flow:
        k, v = picky("key"), picky("value")
        rep = report(upstream_tasks=[k, v])
    flow.set_reference_tasks([rep])
    state = flow.run()
    assert state.is_successful() and state.result[k].is_failed()
    assert sorted(calls) == [("key", 1), ("key", 2), ("key", 3), ("value", 1)]


def test_looping():
    @task
    def countdown(start):
        left = prefect.context.get("task_loop_result", start)
        if left > 0:
            raise signals.LOOP(result=left - 1)
        return prefect.context.task_loop_count

    with Flow("e6") as flow:
        c = countdown(3)
    assert flow.run().result[c].result == 4


def test_a_state_handler_replaces_a_failure():
    seen = []

    def watch(obj, old, new):
        seen.append((type(old).__name__, type(new).__name__))
        if new.is_failed():
            return Success("rescued", result=0)

    @task(state_handlers=[watch])
    def risky():
        raise RuntimeError()

    with Flow("e7") as flow:
        x = risky()
        y = double(x)
    state = flow.run()
    assert state.result[y].result == 0 and state.result[x].message == "rescued"
    assert seen == [("Pending", "Running"), ("Running", "Failed")]


def test_apply_map_with_case_and_merge():
    def describe(n):
        with case(n > 1, True):
            big = double(n)
        return merge(big, n)

    with Flow("e8") as flow:
        picked = apply_map(describe, [1, 2, 3])
    assert flow.run().result[picked].result == [1, 4, 6]


def test_tags_and_task_args_in_slugs():
    with Flow("e9") as flow:
        with tags("io"):
            t1 = double(1)
        t2 = double(t1, task_args={"name": "again", "tags": {"x"}})
    assert flow.slugs == {t1: "double-io-1", t2: "again-x-1"}


def test_output_caching():
    calls = []

    @task(cache_for=timedelta(minutes=5))
    def once():
        calls.append("once")
        return len(calls)

    with Flow("e10") as flow:
        o = once()
    first, second = flow.run(), flow.run()
    assert calls.count("once") == 1 and second.result[o].is_cached() and first.result[o].is_cached()


def test_mapping_over_a_failed_upstream():
    with Flow("e11") as flow:
        bad = double.map(double(None))
    state = flow.run()
    assert type(state.result[bad]).__name__ == "Failed" and state.is_failed()


def test_targets_templates_and_checkpointing(tmp_path):
    folder = str(tmp_path)

    @task(target="{flow_name}/{n}.json", result=LocalResult(dir=folder, serializer=JSONSerializer()))
    def stored(n):
        return {"n": n}

    with Flow("e12") as flow:
        s = stored(7)
    flow.run()
    assert not os.path.exists(os.path.join(folder, "e12"))
    with prefect.context(checkpointing=True):
        one = flow.run().result[s]
        two = flow.run().result[s]
    with open(os.path.join(folder, "e12", "7.json")) as file:
        assert file.read() == '{"n": 7}'
    assert not one.is_cached() and two.is_cached() and two.result == {"n": 7}
