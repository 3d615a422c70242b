"""Schedules, run configs and storages whose documents were recorded from 1.4.1; see ``record_documents.py``.

Everything here runs under both implementations, and says nothing of the machine it runs on.
"""

import datetime

import pendulum
from dateutil import rrule

from prefect import Flow
from prefect.run_configs import DockerRun, ECSRun, KubernetesRun, LocalRun, UniversalRun, VertexRun
from prefect.schedules import CronSchedule, IntervalSchedule, Schedule, adjustments, clocks, filters
from prefect.storage import (
    GCS,
    S3,
    Azure,
    Bitbucket,
    CodeCommit,
    Docker,
    Git,
    GitHub,
    GitLab,
    Local,
    Module,
    Webhook,
)

HOURLY = clocks.CronClock("0 * * * *")
DAY = datetime.timedelta(days=1)
PLUS_TWO = datetime.timezone(datetime.timedelta(hours=2))


def naive(*numbers):
    return datetime.datetime(*numbers)  # noqa: DTZ001 - what becomes of it is recorded


def rules():
    found = rrule.rruleset()
    found.rrule(rrule.rrule(rrule.DAILY, dtstart=naive(2020, 1, 1), count=10))
    found.exrule(rrule.rrule(rrule.WEEKLY, dtstart=naive(2020, 1, 1), count=3))
    found.rdate(naive(2020, 2, 2))
    found.exdate(naive(2020, 1, 2))
    return found


SCHEDULES = {
    "interval": lambda: IntervalSchedule(interval=DAY),
    "interval with all arguments": lambda: Schedule(
        [
            clocks.IntervalClock(
                datetime.timedelta(hours=1, milliseconds=500),
                start_date=pendulum.datetime(2020, 1, 1, 9, tz="America/New_York"),
                end_date=naive(2021, 1, 1, 1, 2, 3, 456),
                parameter_defaults={"x": 1, "y": [1, {"a": None}]},
                labels=["b", "a"],
            )
        ]
    ),
    "interval from a fixed offset": lambda: IntervalSchedule(
        interval=DAY, start_date=datetime.datetime(2020, 1, 1, tzinfo=PLUS_TWO)
    ),
    "cron": lambda: CronSchedule("0 9 * * 1-5"),
    "cron with all arguments": lambda: Schedule(
        [
            clocks.CronClock(
                "0 9 1 * 1",
                start_date=pendulum.datetime(2020, 1, 1, tz="Europe/Berlin"),
                end_date=pendulum.datetime(2021, 1, 1),
                day_or=False,
                parameter_defaults={"x": "ü"},
                labels=[],
            )
        ]
    ),
    "dates": lambda: Schedule(
        [clocks.DatesClock([pendulum.datetime(2021, 1, 1), pendulum.datetime(2020, 1, 1, tz="Asia/Tokyo")], {"x": 1})]
    ),
    "rule": lambda: Schedule([clocks.RRuleClock(rrule.rrule(rrule.DAILY, dtstart=naive(2020, 1, 1, 9), count=3))]),
    "rule with an end": lambda: Schedule(
        [
            clocks.RRuleClock(
                rrule.rrule(
                    rrule.MONTHLY,
                    dtstart=naive(2020, 1, 1, 9),
                    until=naive(2022, 1, 1),
                    byweekday=(rrule.MO, rrule.TU(2)),
                    interval=2,
                    wkst=rrule.SU,
                ),
                labels=["a"],
            )
        ]
    ),
    "rule with timezones": lambda: Schedule(
        [
            clocks.RRuleClock(
                rrule.rrule(
                    rrule.MONTHLY,
                    dtstart=pendulum.datetime(2020, 1, 1, 9, tz="America/New_York"),
                    until=pendulum.datetime(2022, 1, 1),
                ),
                start_date=pendulum.datetime(2020, 2, 1),
            )
        ]
    ),
    "rules": lambda: Schedule([clocks.RRuleClock(rules())]),
    "cron over a change of the clocks": lambda: CronSchedule(
        "30 2 * * *", start_date=pendulum.datetime(2020, 3, 27, tz="Europe/Berlin")
    ),
    "interval over a change of the clocks": lambda: IntervalSchedule(
        interval=DAY, start_date=pendulum.datetime(2020, 3, 27, 2, 30, tz="Europe/Berlin")
    ),
    "hours over a change of the clocks": lambda: IntervalSchedule(
        interval=datetime.timedelta(hours=6), start_date=pendulum.datetime(2020, 10, 31, 12, tz="America/New_York")
    ),
    "dates over a change of the clocks": lambda: Schedule(
        [clocks.DatesClock([pendulum.datetime(2020, month, 4, 9, tz="Australia/Sydney") for month in (4, 5, 10, 11)])]
    ),
    "rule over a change of the clocks": lambda: Schedule(
        [
            clocks.RRuleClock(
                rrule.rrule(rrule.DAILY, dtstart=pendulum.datetime(2020, 3, 7, 9, tz="America/New_York"), count=5)
            )
        ]
    ),
    "clocks with parameters and labels": lambda: Schedule(
        [
            clocks.CronClock("0 0 1 * *", parameter_defaults={"x": 1}, labels=["monthly"]),
            clocks.DatesClock([pendulum.datetime(2020, 1, 15)], parameter_defaults={"x": {"a": [1]}}, labels=[]),
        ]
    ),
    "several clocks": lambda: Schedule([HOURLY, clocks.IntervalClock(DAY)]),
    "no clocks": lambda: Schedule([]),
    "filters": lambda: Schedule(
        [HOURLY],
        filters=[
            filters.on_datetime(pendulum.datetime(2020, 1, 1, tz="Europe/Berlin")),
            filters.between_datetimes(pendulum.datetime(2020, 1, 1), pendulum.datetime(2021, 1, 1, 1, 2, 3, 4)),
            filters.on_date(1, 2),
            filters.is_weekday,
            filters.is_weekend,
        ],
        or_filters=[
            filters.between_dates(1, 2, 3, 4),
            filters.at_time(datetime.time(9, 30)),
            filters.between_times(datetime.time(9), datetime.time(17, 0, 0, 5)),
            filters.is_day_of_week(3),
        ],
        not_filters=[filters.is_month_end, filters.is_month_start],
    ),
    "adjustments": lambda: Schedule(
        [HOURLY],
        adjustments=[
            adjustments.add(datetime.timedelta(hours=1, milliseconds=500)),
            adjustments.add(datetime.timedelta(days=-1)),
            adjustments.next_weekday,
        ],
    ),
}

COMMON = {"env": {"A": "1", "B": "2"}, "labels": ["b", "a"]}

RUN_CONFIGS = {
    "UniversalRun": lambda: UniversalRun(),
    "UniversalRun with all arguments": lambda: UniversalRun(**COMMON),
    "UniversalRun with nothing": lambda: UniversalRun(env={}, labels=()),
    "LocalRun": lambda: LocalRun(),
    "LocalRun with all arguments": lambda: LocalRun(working_dir="/srv/flows", **COMMON),
    "DockerRun": lambda: DockerRun(),
    "DockerRun with all arguments": lambda: DockerRun(
        image="image:tag", ports=[80, 443], host_config={"mem_limit": "1g"}, **COMMON
    ),
    "KubernetesRun": lambda: KubernetesRun(),
    "KubernetesRun with all arguments": lambda: KubernetesRun(
        job_template_path="s3://bucket/job.yaml",
        image="image:tag",
        cpu_limit=0.5,
        cpu_request="100m",
        memory_limit="1Gi",
        memory_request=1024,
        service_account_name="account",
        image_pull_secrets=["one", "two"],
        image_pull_policy="Always",
        **COMMON,
    ),
    "KubernetesRun with a template": lambda: KubernetesRun(job_template={"kind": "Job", "spec": {"parallelism": 1}}),
    "KubernetesRun with YAML": lambda: KubernetesRun(job_template="kind: Job\nspec:\n  parallelism: 1\n"),
    "ECSRun": lambda: ECSRun(),
    "ECSRun with all arguments": lambda: ECSRun(
        task_definition={"family": "f"},
        image="image:tag",
        cpu=1024,
        memory="2 GB",
        task_role_arn="role",
        execution_role_arn="other",
        run_task_kwargs={"cluster": "c"},
        **COMMON,
    ),
    "ECSRun with an ARN": lambda: ECSRun(task_definition_arn="arn", cpu="1 vCPU"),
    "ECSRun with a path": lambda: ECSRun(task_definition_path="s3://bucket/task.yaml"),
    "ECSRun with YAML": lambda: ECSRun(task_definition="family: f", run_task_kwargs="cluster: c"),
    "VertexRun": lambda: VertexRun(),
    "VertexRun with all arguments": lambda: VertexRun(
        image="image:tag",
        machine_type="n1-standard-1",
        scheduling={"timeout": "3600s"},
        service_account="account",
        network="network",
        worker_pool_specs=[{"replica_count": 1}],
        **COMMON,
    ),
}


def filled(storage):
    """The storage with a flow in it."""
    storage.add_flow(Flow("My Flow!"))
    return storage


def script(**more):
    return Local(directory="/flows", validate=False, path="/flows/mine.py", stored_as_script=True, **more)


REQUESTS = {
    "build_request_kwargs": {"url": "https://example.com/${NAME}", "headers": {"X-Key": "${KEY}"}},
    "build_request_http_method": "POST",
    "get_flow_request_kwargs": {"url": "https://example.com/flow"},
    "get_flow_request_http_method": "GET",
}

STORAGES = {
    "Local": lambda: filled(script()),
    "Local with secrets and labels": lambda: script(secrets=["B", "A"], labels=["x"], add_default_labels=False),
    "Module": lambda: filled(Module("package.module")),
    "Module with an attribute": lambda: filled(Module("package.module:make", secrets=["A"])),
    "Docker": lambda: filled(Docker(prefect_version="1.4.1")),
    "Docker with all arguments": lambda: filled(
        Docker(
            registry_url="registry.example.com",
            base_image="python:3.10",
            python_dependencies=["pandas"],
            image_name="image",
            image_tag="tag",
            env_vars={"A": "1"},
            files={"/here": "/there"},
            prefect_version="0.15.1",
            local_image=True,
            prefect_directory="/app",
            path="/app/mine.py",
            stored_as_script=True,
            secrets=["A"],
        )
    ),
    "Git": lambda: filled(Git("flows/mine.py", "owner/repo")),
    "Git with all arguments": lambda: filled(
        Git(
            "flows/mine.py",
            repo="owner/repo",
            repo_host="git.example.com",
            flow_name="My Flow!",
            git_token_secret_name="TOKEN",
            git_token_username="user",
            branch_name="main",
            clone_depth=3,
            use_ssh=False,
            format_access_token=False,
            secrets=["TOKEN"],
        )
    ),
    "Git over SSH": lambda: filled(Git("mine.py", "owner/repo", tag="v1", use_ssh=True)),
    "Git of a commit": lambda: filled(Git("mine.py", "owner/repo", commit="abc")),
    "Git with a secret address": lambda: filled(Git("mine.py", git_clone_url_secret_name="ADDRESS")),
    "GitHub": lambda: filled(GitHub("owner/repo", "flows/mine.py")),
    "GitHub with all arguments": lambda: filled(
        GitHub("owner/repo", "mine.py", ref="v1", access_token_secret="TOKEN", base_url="https://example.com")
    ),
    "GitLab": lambda: filled(GitLab("owner/repo", path="mine.py")),
    "GitLab with all arguments": lambda: filled(
        GitLab("owner/repo", host="https://example.com", path="mine.py", ref="v1", access_token_secret="TOKEN")
    ),
    "Bitbucket": lambda: filled(Bitbucket("PROJECT", "repo", path="mine.py")),
    "Bitbucket with all arguments": lambda: filled(
        Bitbucket(
            "PROJECT",
            "repo",
            workspace="workspace",
            host="https://example.com",
            path="mine.py",
            ref="v1",
            cloud_username_secret="USER",
            cloud_app_password_secret="PASSWORD",
        )
    ),
    "CodeCommit": lambda: filled(CodeCommit("repo", path="mine.py")),
    "CodeCommit with all arguments": lambda: filled(
        CodeCommit("repo", path="mine.py", commit="abc", client_options={"region_name": "eu-west-1"})
    ),
    "S3": lambda: S3("bucket"),
    "S3 with all arguments": lambda: filled(
        S3(
            "bucket",
            key="flows/mine.py",
            stored_as_script=True,
            local_script_path="mine.py",
            client_options={"region_name": "eu-west-1"},
            upload_options={"ACL": "private"},
            secrets=["AWS_CREDENTIALS"],
        )
    ),
    "GCS": lambda: GCS("bucket"),
    "GCS with all arguments": lambda: filled(GCS("bucket", key="mine.py", project="project", stored_as_script=True)),
    "Azure": lambda: Azure("container"),
    "Azure with all arguments": lambda: filled(
        Azure("container", connection_string_secret="CONNECTION", blob_name="mine", stored_as_script=True)
    ),
    "Webhook": lambda: filled(Webhook(**REQUESTS)),
    "Webhook with a script": lambda: filled(Webhook(**REQUESTS, stored_as_script=True, flow_script_path="mine.py")),
}

#: Argument of a flow → its subjects.
PARTS = {"schedule": SCHEDULES, "run_config": RUN_CONFIGS, "storage": STORAGES}
