"""Tasks for dbt: commands, and jobs in dbt Cloud.

``DbtCloudRunJob`` has its name and arguments only, see :mod:`prefect.tasks.outside`.

Source: core.md §21.9.
"""

# Without the __future__ import: the texts of the annotations of `run` are part of the 1.x JSON form (core.md §20.2).
import os
from typing import Any, List, Optional, Union  # noqa: UP035 - their texts, see above

from prefect.tasks.outside import OutsideTask
from prefect.tasks.shell import ShellTask
from prefect.utilities._extras import import_extra
from prefect.utilities.filesystems import replace_file
from prefect.utilities.tasks import defaults_from_attrs


class DbtCloudRunJob(
    OutsideTask,
    init=(
        "cause=None, account_id=None, job_id=None, token=None, additional_args=None, "
        "account_id_env_var_name='DBT_CLOUD_ACCOUNT_ID', job_id_env_var_name='DBT_CLOUD_JOB_ID', "
        "token_env_var_name='DBT_CLOUD_TOKEN', wait_for_job_run_completion=False, max_wait_time=None, "
        "domain='cloud.getdbt.com'"
    ),
    run=(
        "cause=None, account_id=None, job_id=None, token=None, additional_args=None, "
        "account_id_env_var_name='ACCOUNT_ID', job_id_env_var_name='JOB_ID', "
        "token_env_var_name='DBT_CLOUD_TOKEN', wait_for_job_run_completion=False, max_wait_time=None, "
        "domain=None"
    ),
):
    """Runs a job in dbt Cloud."""


class DbtShellTask(ShellTask):
    """Runs commands of dbt in a shell, with a profile that it writes where there is none.

    The profile is written to ``profiles.yml`` in ``profiles_dir``, or else in the folder that ``DBT_PROFILES_DIR`` names,
    or else in ``~/.dbt``: only if there is no such file, or with ``overwrite_profiles``, and never without
    ``profile_name``. A new file is readable by its user alone, since it may hold passwords.

    Args:
        command: The commands, such as ``dbt run``; may be given to ``run`` instead.
        profile_name: Name of the profile, which ``dbt_project.yml`` names too.
        env: Variable → value, in addition to the environment of this process.
        environment: Name of the target in the profile.
        overwrite_profiles: Write the profile even if there is a ``profiles.yml``, all of which it replaces.
        profiles_dir: Folder of ``profiles.yml``; made if it is missing.
        set_profiles_envar: Tell dbt the folder by the variable ``DBT_PROFILES_DIR``, unless ``env`` does.
        dbt_kwargs: What the target says, such as ``{"type": "postgres", "host": …}``.
        helper_script: Commands that come before ``command``, such as ``cd project``.
        shell: The program that runs the script.
        return_all: Return all lines as a list, rather than the last one.
        log_stderr: Log the output at ERROR if the command fails.
        **kwargs: Arguments of ``ShellTask`` and ``Task``.

    Source:
        core.md §21.9.
    """

    def __init__(
        self,
        command: str | None = None,
        profile_name: str | None = None,
        env: dict[str, str] | None = None,
        environment: str | None = None,
        overwrite_profiles: bool = False,
        profiles_dir: str | None = None,
        set_profiles_envar: bool = True,
        dbt_kwargs: dict[str, Any] | None = None,
        helper_script: str | None = None,
        shell: str = "bash",
        return_all: bool = False,
        log_stderr: bool = False,
        **kwargs: Any,
    ) -> None:
        self.profile_name = profile_name
        self.environment = environment
        self.overwrite_profiles = overwrite_profiles
        self.profiles_dir = profiles_dir
        self.set_profiles_envar = set_profiles_envar
        self.dbt_kwargs = dbt_kwargs or {}
        super().__init__(
            command=command,
            env=env,
            helper_script=helper_script,
            shell=shell,
            return_all=return_all,
            log_stderr=log_stderr,
            **kwargs,
        )

    @defaults_from_attrs("command", "env", "helper_script", "dbt_kwargs")
    def run(
        self,
        command: str = None,  # type: ignore[assignment]  # noqa: RUF013 - as 1.x serializes it
        env: dict = None,  # type: ignore[type-arg, assignment]  # noqa: RUF013 - as above
        helper_script: str = None,  # type: ignore[assignment]  # noqa: RUF013 - as above
        dbt_kwargs: dict = None,  # type: ignore[type-arg, assignment]  # noqa: RUF013 - as above
    ) -> Optional[Union[str, List[str]]]:  # noqa: UP006, UP007, UP045 - as above
        """Write the profile if need be, run the commands and return what they printed.

        Args:
            command: In place of that of the task.
            env: In place of that of the task.
            helper_script: In place of that of the task.
            dbt_kwargs: In addition to those of the task, and before them.

        Returns:
            As ``ShellTask.run``.

        Raises:
            FAIL: The exit code is not 0; the result of the state is what would have been returned.
            ImportError: A profile is to be written, and the ``dbt`` extra is not installed.
            OSError: The profile could not be written, or the shell not be started.
            TypeError: There is no command.
            ValueError: A profile is to be written, and ``environment`` is missing.
        """
        env = env or {}
        folder = os.path.expanduser(
            self.profiles_dir or {**os.environ, **env}.get("DBT_PROFILES_DIR") or os.path.join("~", ".dbt")
        )
        path = os.path.join(folder, "profiles.yml")
        if self.profile_name and (self.overwrite_profiles or not os.path.exists(path)):
            os.makedirs(folder, exist_ok=True)
            replace_file(path, self._profile({**self.dbt_kwargs, **(dbt_kwargs or {})}), mode=0o600)
        if self.set_profiles_envar:
            env = {"DBT_PROFILES_DIR": folder, **env}
        output: str | list[str] | None = super().run(command=command, env=env, helper_script=helper_script)
        return output

    def _profile(self, target: dict[str, Any]) -> bytes:
        if not self.environment:
            raise ValueError(
                f"The profile {self.profile_name!r} has no target. Give DbtShellTask(…) its name as `environment`."
            )
        yaml = import_extra("yaml", package="pyyaml", extra="dbt", purpose="DbtShellTask")
        profile = {self.profile_name: {"target": self.environment, "outputs": {self.environment: target}}}
        text: str = yaml.safe_dump(profile, allow_unicode=True)
        return text.encode()
