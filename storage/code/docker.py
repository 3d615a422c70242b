"""``Docker``: flows in files of a Docker image."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, NoReturn

from prefect._version import __version__
from prefect.storage.code.base import Storage
from prefect.storage.code.files import flow_at
from prefect.utilities.storage import slug

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prefect.flow import Flow


class Docker(Storage):
    """Flows in an image: as pickles, or as the script that defines them.

    Args:
        registry_url: Registry that the image is pushed to.
        base_image: Image to start from; a Python image of this version unless given.
        dockerfile: Dockerfile to start from, instead of an image.
        dockerignore: File that says what is left out of the build.
        python_dependencies: Packages to install.
        image_name: Name of the image.
        image_tag: Tag of the image.
        env_vars: Environment variables of the image, name → value.
        files: Absolute path on this machine → path in the image.
        prefect_version: Version of this package in the image.
        local_image: The base image is on this machine and not to be pulled.
        ignore_healthchecks: Do not try the flows in the image.
        base_url: Address of the Docker daemon.
        tls_config: TLS configuration for the daemon.
        build_kwargs: More arguments of the build.
        prefect_directory: Folder of the image that files are put into.
        path: File of the flow in the image, instead of one below ``prefect_directory``.
        stored_as_script: ``path`` is the script that defines the flow.
        extra_dockerfile_commands: Lines to add to the Dockerfile.
        kwargs: Arguments of :class:`~prefect.storage.Storage`.

    Raises:
        ValueError: Both a base image and a Dockerfile are given, or a path in ``files`` is relative.

    Source:
        core.md §16.4.
    """

    _extra = "docker"

    def __init__(
        self,
        registry_url: str | None = None,
        base_image: str | None = None,
        dockerfile: str | None = None,
        dockerignore: str | None = None,
        python_dependencies: Iterable[str] | None = None,
        image_name: str | None = None,
        image_tag: str | None = None,
        env_vars: dict[str, Any] | None = None,
        files: dict[str, str] | None = None,
        prefect_version: str | None = None,
        local_image: bool = False,
        ignore_healthchecks: bool = False,
        base_url: str | None = None,
        tls_config: Any = False,
        build_kwargs: dict[str, Any] | None = None,
        prefect_directory: str = "/opt/prefect",
        path: str | None = None,
        stored_as_script: bool = False,
        extra_dockerfile_commands: Iterable[str] | None = None,
        **kwargs: Any,
    ) -> None:
        if base_image and dockerfile:
            raise ValueError("Only one of `base_image` and `dockerfile` can be provided.")
        relative = [name for name in files or () if not os.path.isabs(name)]
        if relative:
            raise ValueError(f"The paths {', '.join(relative)} in `files` are not absolute. Provide absolute ones.")
        self.registry_url = registry_url
        self.image_name = image_name
        self.image_tag = image_tag
        self.base_image = base_image or (None if dockerfile else _python_image())
        self.dockerfile = dockerfile
        self.dockerignore = dockerignore
        self.python_dependencies = list(dict.fromkeys([*(python_dependencies or ()), "wheel"]))
        self.env_vars = dict(env_vars or {})
        self.files = dict(files or {})
        self.prefect_version = prefect_version or __version__
        self.local_image = local_image
        self.ignore_healthchecks = ignore_healthchecks
        self.base_url = base_url
        self.tls_config = tls_config
        self.build_kwargs = dict(build_kwargs or {})
        self.prefect_directory = prefect_directory
        self.path = path
        self.extra_dockerfile_commands = list(extra_dockerfile_commands or ())
        super().__init__(stored_as_script=stored_as_script, **kwargs)

    @property
    def name(self) -> str:
        """The image as Docker names it.

        Raises:
            ValueError: Its name or tag is not known yet.
        """
        if not self.image_name or not self.image_tag:
            raise ValueError("The Docker storage has no `image_name` and `image_tag` yet. Provide both, or build it.")
        image = f"{self.image_name}:{self.image_tag}"
        return f"{self.registry_url.rstrip('/')}/{image}" if self.registry_url else image

    def add_flow(self, flow: Flow) -> str:
        """Add a flow, which ``build`` puts into the image, and return its path there.

        Raises:
            ValueError: A flow of that name is already there.
        """
        return self._added(flow, self.path or f"{self.prefect_directory}/flows/{slug(flow.name)}.prefect")

    def get_flow(self, flow_name: str) -> Flow:
        """Return a flow from its file; to be called inside the image.

        Raises:
            ValueError: There is no flow of that name.
            FlowStorageError: Its file does not exist, or cannot be unpickled.
            Exception: Whatever the script raises.
        """
        return flow_at(self._location(flow_name), flow_name, is_script=self.stored_as_script)

    def build(self, push: bool = True) -> NoReturn:
        """Build the image, and push it to the registry.

        Raises:
            FlowStorageError: It cannot be built.
        """
        self._refuse_to_store()


def _python_image() -> str:
    return f"python:{sys.version_info.major}.{sys.version_info.minor}-slim"
