"""Resources that are set up before some tasks and cleaned up after them. Source: core.md §11.1."""

from __future__ import annotations

import pytest

from prefect import Flow, Parameter, apply_map, case, resource_manager, task
from prefect.engine import signals
from prefect.tasks.core.resource_manager import ResourceCleanupTask, ResourceInitTask, ResourceSetupTask


@task
def use(x=None):
    return x


@task
def fail():
    raise ValueError("boom")


@pytest.fixture
def log():
    return []


@pytest.fixture
def manager(log):
    @resource_manager
    class Manager:
        def __init__(self, name, broken=None):
            log.append(f"init {name}")
            if broken == "init":
                raise ValueError(name)
            self.name, self.broken = name, broken

        def setup(self):
            log.append(f"setup {self.name}")
            if self.broken == "setup":
                raise ValueError(self.name)
            if self.broken == "skip":
                raise signals.SKIP("not today")
            return f"resource {self.name}"

        def cleanup(self, resource):
            log.append(f"cleanup {resource}")
            if self.broken == "cleanup":
                raise ValueError(resource)

    return Manager


def connections(flow):
    named = {task: slug.removesuffix("-1") for task, slug in flow.slugs.items()}
    return sorted((named[e.upstream_task], named[e.downstream_task], e.key or "") for e in flow.edges)


def states(flow, **parameters):
    result = flow.run(**parameters).result
    return {slug: result[task] for task, slug in flow.slugs.items()}


def test_the_resource_is_set_up_before_and_cleaned_up_after_its_tasks(manager, log):
    @task
    def note(x):
        log.append(f"use {x}")

    with Flow("f") as flow, manager("a") as resource:
        note(resource)
    assert flow.run().is_successful()
    assert log == ["init a", "setup a", "use resource a", "cleanup resource a"]


def test_three_tasks_are_added_and_named_after_the_class(manager):
    with Flow("f") as flow, manager("a") as resource:
        assert resource.name == "Manager.setup"
    kinds = {task.name: type(task) for task in flow.tasks}
    assert kinds == {
        "Manager": ResourceInitTask,
        "Manager.setup": ResourceSetupTask,
        "Manager.cleanup": ResourceCleanupTask,
    }
    assert {t.name: t.checkpoint for t in flow.tasks} == {
        "Manager": None,
        "Manager.setup": False,
        "Manager.cleanup": False,
    }


def test_first_tasks_follow_the_setup_and_last_tasks_precede_the_cleanup(manager):
    with Flow("f") as flow:
        with manager("a") as resource:
            a = use(resource, task_args={"name": "fed"})
            b = use(a, task_args={"name": "middle"})
            use(task_args={"name": "alone"})
        use(b, task_args={"name": "outside"})
    assert connections(flow) == [
        ("Manager", "Manager.cleanup", "mgr"),
        ("Manager", "Manager.setup", "mgr"),
        ("Manager.setup", "Manager.cleanup", "resource"),
        ("Manager.setup", "alone", ""),
        ("Manager.setup", "fed", "x"),
        ("alone", "Manager.cleanup", ""),
        ("fed", "middle", "x"),
        ("middle", "Manager.cleanup", ""),
        ("middle", "outside", "x"),
    ]


def test_arguments_may_be_tasks(manager, log):
    with Flow("f") as flow, manager(use("b")):
        use()
    flow.run()
    assert log == ["init b", "setup b", "cleanup resource b"]


def test_arguments_that_do_not_fit_the_class_are_refused(manager):
    with pytest.raises(TypeError), Flow("f"):
        manager(1, 2, 3)


def test_without_setup_there_is_no_resource_to_use(log):
    @resource_manager
    class Plain:
        def cleanup(self, resource):
            log.append(f"cleanup {resource}")

    with Flow("f") as flow, Plain() as resource:
        assert resource is None
        use()
    flow.run()
    assert log == ["cleanup None"]
    assert connections(flow) == [("Plain", "Plain.cleanup", "mgr"), ("use", "Plain.cleanup", "")]


def test_names_and_task_arguments_can_be_given():
    @resource_manager(
        name="db",
        init_task_kwargs={"tags": ["i"]},
        setup_task_kwargs={"name": "open"},
        cleanup_task_kwargs={"log_stdout": True},
    )
    class Database:
        def setup(self):
            return 1

        def cleanup(self, resource):
            return None

    with Flow("f") as flow, Database():
        use()
    assert set(flow.slugs.values()) == {"db-i-1", "open-1", "db.cleanup-1", "use-1"}
    assert [task.log_stdout for task in flow.get_tasks("db.cleanup")] == [True]


def test_cleanup_runs_after_failed_and_skipped_tasks(manager, log):
    with Flow("f") as flow, manager("a") as resource:
        fail()
        with case(resource, "something else"):
            use()
    found = states(flow)
    assert found["fail-1"].is_failed()
    assert found["use-1"].is_skipped()
    assert log[-1] == "cleanup resource a"


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ("init", "Resource manager init failed"),
        ("setup", "Resource manager setup failed"),
        ("skip", "Resource manager setup skipped"),
    ],
)
def test_cleanup_is_skipped_if_there_is_nothing_to_clean_up(manager, log, broken, message):
    with Flow("f") as flow, manager("a", broken):
        use()
    cleanup = states(flow)["Manager.cleanup-1"]
    assert cleanup.is_skipped()
    assert cleanup.message == message
    assert not any(line.startswith("cleanup") for line in log)


def test_a_failed_cleanup_leaves_the_flow_successful(manager):
    with Flow("f") as flow, manager("a", "cleanup"):
        use()
    state = flow.run()
    assert state.is_successful()
    assert {t.name: s.is_failed() for t, s in state.result.items()}["Manager.cleanup"]


def test_init_and_cleanup_are_no_reference_tasks(manager):
    with Flow("f") as flow, manager("a"):
        used = use()
    assert flow.reference_tasks() == {used}


def test_nested_resources_are_cleaned_up_from_the_inside(manager, log):
    with Flow("f") as flow, manager("outer"), manager("inner"):
        use()
    flow.run()
    assert log[-2:] == ["cleanup resource inner", "cleanup resource outer"]


def test_parameters_and_constants_do_not_belong_to_the_block(manager):
    with Flow("f") as flow, manager("a"):
        p = Parameter("p", default=1)
        use(p)
    assert flow.upstream_tasks(p) == set()
    assert flow.downstream_tasks(p) == set(flow.get_tasks("use"))


def test_a_resource_can_be_mapped(manager, log):
    def handle(name):
        with manager(name) as resource:
            return use(resource)

    with Flow("f") as flow:
        used = apply_map(handle, ["a", "b"])
    assert flow.run().result[used].result == ["resource a", "resource b"]
    assert sorted(log)[:2] == ["cleanup resource a", "cleanup resource b"]


def test_outside_a_flow_a_resource_is_refused(manager):
    with pytest.raises(ValueError, match="outside a flow"):
        manager("a")


def test_a_flow_can_be_passed(manager):
    flow = Flow("f")
    with manager("a", flow=flow):
        use(flow=flow)
    assert sorted(flow.slugs.values()) == ["Manager-1", "Manager.cleanup-1", "Manager.setup-1", "use-1"]


def test_tasks_of_another_flow_are_refused(manager):
    with pytest.raises(ValueError, match="belongs to the flow 'one'"), Flow("one"), manager("a"):  # noqa: PT012
        use()
        use(flow=Flow("two"))


def test_the_manager_is_recreated_for_each_use(manager, log):
    with Flow("f") as flow:
        with manager("a"):
            use()
        with manager("b"):
            use()
    flow.run()
    assert sorted(log)[:4] == ["cleanup resource a", "cleanup resource b", "init a", "init b"]


def test_something_that_is_no_class_is_refused():
    with pytest.raises(TypeError, match="needs a class, but got 5"):
        resource_manager(5)
