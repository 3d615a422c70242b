"""Settings of runs in Databricks: what is given to them by name is kept as it is."""

from __future__ import annotations

from enum import Enum
from types import SimpleNamespace


class AwsAvailability(Enum):
    """Kinds of machines."""

    ON_DEMAND = "ON_DEMAND"
    SPOT = "SPOT"
    SPOT_WITH_FALLBACK = "SPOT_WITH_FALLBACK"


class CanManage(Enum):
    """The permission to manage."""

    CAN_MANAGE = "CAN_MANAGE"


class CanManageRun(Enum):
    """The permission to manage runs."""

    CAN_MANAGE_RUN = "CAN_MANAGE_RUN"


class CanView(Enum):
    """The permission to look."""

    CAN_VIEW = "CAN_VIEW"


class EbsVolumeType(Enum):
    """Kinds of disks."""

    GENERAL_PURPOSE_SSD = "GENERAL_PURPOSE_SSD"
    THROUGHPUT_OPTIMIZED_HDD = "THROUGHPUT_OPTIMIZED_HDD"


class IsOwner(Enum):
    """The permission of the owner."""

    IS_OWNER = "IS_OWNER"


class AccessControlRequest(SimpleNamespace):
    """Who may do what."""


class AccessControlRequestForGroup(SimpleNamespace):
    """What a group may do."""


class AccessControlRequestForUser(SimpleNamespace):
    """What a user may do."""


class AutoScale(SimpleNamespace):
    """How many workers a cluster may have."""


class AwsAttributes(SimpleNamespace):
    """Settings of a cluster in AWS."""


class ClusterLogConf(SimpleNamespace):
    """Where the logs of a cluster go."""


class DbfsStorageInfo(SimpleNamespace):
    """A place in the file system of Databricks."""


class FileStorageInfo(SimpleNamespace):
    """A place in a local file system."""


class GitSource(SimpleNamespace):
    """A repository with notebooks."""


class InitScriptInfo(SimpleNamespace):
    """A script that begins a cluster."""


class JobCluster(SimpleNamespace):
    """A cluster that tasks of a job share."""


class JobEmailNotifications(SimpleNamespace):
    """Who is told by mail."""


class JobTaskSettings(SimpleNamespace):
    """A task of a job."""


class Library(SimpleNamespace):
    """A library to install."""


class MavenLibrary(SimpleNamespace):
    """A library from Maven."""


class NewCluster(SimpleNamespace):
    """A cluster to create."""


class NotebookTask(SimpleNamespace):
    """A notebook to run."""


class PermissionLevel(SimpleNamespace):
    """A permission."""


class PermissionLevelForGroup(SimpleNamespace):
    """A permission of a group."""


class PipelineTask(SimpleNamespace):
    """A pipeline to run."""


class PythonPyPiLibrary(SimpleNamespace):
    """A library from PyPI."""


class PythonWheelTask(SimpleNamespace):
    """A wheel to run."""


class RCranLibrary(SimpleNamespace):
    """A library from CRAN."""


class S3StorageInfo(SimpleNamespace):
    """A place in S3."""


class SparkJarTask(SimpleNamespace):
    """A JAR to run."""


class SparkPythonTask(SimpleNamespace):
    """A Python file to run."""


class SparkSubmitTask(SimpleNamespace):
    """A call of spark-submit."""


class TaskDependency(SimpleNamespace):
    """A task that comes first."""
