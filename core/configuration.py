"""``prefect.config``: the settings of this process.

Later wins: packaged defaults, the user's file, the backend file, environment variables
``PREFECT__SECTION__KEY``. Everything is read once, when this module is imported; the object is shared by
reference and never copied. Reading creates nothing.

Source: core.md §17; cli.md §1.4; DESIGN decisions 1, 2.
"""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, Any

from prefect.config_defaults import DEFAULTS
from prefect.config_file import InvalidConfigurationError, read_toml
from prefect.utilities.collections import DotDict, as_nested_dict, dict_to_flatdict

if TYPE_CHECKING:
    from collections.abc import Collection

    #: Path of a key → its value and where that came from.
    Layer = dict[tuple[str, ...], tuple[Any, str]]

#: What environment variables of this package begin with, before the double underscore.
ENV_VAR_PREFIX = "PREFECT"

#: Rounds after which references that lead to references are given up; 1.x does as many.
_MOST_ROUNDS = 10

_REFERENCE = re.compile(r"\$\{([^${}]*)\}")


class Config(DotDict):
    """Settings with attribute and item access; sections are ``Config`` too.

    Raises:
        ValueError: A key is also the name of an attribute of this class, such as ``keys`` or ``copy``.
    """

    def __setitem__(self, key: Any, value: Any) -> None:
        if key in _RESERVED:
            raise _ReservedKeyError(key)
        if isinstance(value, dict):
            value = as_nested_dict(value, Config)
        self.__dict__[key] = value

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value


_RESERVED = frozenset(dir(Config))


class _ReservedKeyError(InvalidConfigurationError):
    def __init__(self, key: str, place: str = "") -> None:
        super().__init__(
            f"Invalid config key: {key!r}{place}. It is the name of a method of the configuration; choose another name."
        )
        self.key = key


def default_home_dir() -> str:
    """Return the home folder used when nothing else is configured: ``~/.prefect`` if it exists, else the data folder.

    Source: DESIGN decision 2.
    """
    classic = os.path.expanduser("~/.prefect")
    if os.path.isdir(classic):
        return classic
    if sys.platform == "linux":
        # What platformdirs says here, without the 10 ms that importing it takes.
        data = os.environ.get("XDG_DATA_HOME", "")
        return os.path.join(data if os.path.isabs(data) else os.path.expanduser("~/.local/share"), "praefectus")
    from platformdirs import user_data_dir

    return user_data_dir("praefectus", appauthor=False)


def user_config_path() -> str:
    """Return where the user's file is looked for: ``PREFECT__USER_CONFIG_PATH``, else ``config.toml`` in the default home."""
    named = os.environ.get("PREFECT__USER_CONFIG_PATH")
    return _expand(named) if named else os.path.join(default_home_dir(), "config.toml")


def backend_config_path() -> str:
    """Return the file that ``prefect backend`` writes and every start reads.

    It is ``PREFECT__BACKEND_CONFIG_PATH``, else ``backend.toml`` in the configured home.

    Source: cli.md §1.4.
    """
    return _backend_config_path(_without_backend_file())


def load_configuration(
    path: str | None = None,
    user_config_path: str | None = None,
    backend_config_path: str | None = None,
    env_var_prefix: str | None = None,
) -> Config:
    """Return the configuration made of these sources; the later ones win.

    Args:
        path: TOML file that stands for the packaged defaults; None takes the packaged ones.
        user_config_path: TOML file of the user; it need not exist.
        backend_config_path: TOML file of the chosen backend; it need not exist.
        env_var_prefix: What environment variables begin with; None reads none of them.

    Raises:
        InvalidConfigurationError: A file cannot be read or is not TOML, or a key cannot be used. It is a ``ValueError``.
    """
    values: Layer = _file_layer(path) if path else _default_layer()
    for file in (user_config_path, backend_config_path):
        if file and os.path.exists(_expand(file)):
            values.update(_file_layer(_expand(file)))
    if env_var_prefix:
        values.update(_environment_layer(env_var_prefix))
    return _build(values)


def load_default_config() -> Config:
    """Return what ``prefect.config`` is at import: all sources at their usual places.

    Raises:
        InvalidConfigurationError: As :func:`load_configuration`.
    """
    return _build(_usual_layers())


def origins() -> dict[str, str]:
    """Return, for every dotted key, where its value comes from.

    Returns:
        ``"default"``, the path of a file, or the name of an environment variable, read afresh.

    Raises:
        InvalidConfigurationError: As :func:`load_configuration`.
    """
    return {".".join(key): source for key, (_, source) in _usual_layers().items()}


def create_user_config(dest_path: str) -> None:
    """Write a copy of the packaged defaults, to be edited by the user.

    Args:
        dest_path: The new file; its folder is created.

    Raises:
        ValueError: The file exists already.
    """
    from prefect.config_file import to_toml

    path = _expand(dest_path)
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    try:
        # The user will put secrets into it.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise ValueError(f"{path} exists already. Edit it, or move it away first.") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(to_toml(DEFAULTS))


def to_environment_variables(
    config: Config, include: Collection[str] | None = None, prefix: str = ENV_VAR_PREFIX
) -> dict[str, str]:
    """Return environment variables from which another process reads the same settings.

    Args:
        config: The settings.
        include: Dotted keys to take; None takes all.
        prefix: What the names begin with.
    """
    from datetime import timedelta

    variables = {}
    for path, value in dict_to_flatdict(config).items():
        if include is None or ".".join(path) in include:
            # Names of secrets keep their case, as reading them does.
            names = [
                name if path[:2] == ("context", "secrets") and i > 1 else name.upper() for i, name in enumerate(path)
            ]
            variables["__".join([prefix.upper(), *names])] = str(
                value.total_seconds() if isinstance(value, timedelta) else value
            )
    return variables


def _usual_layers() -> Layer:
    values = _without_backend_file()
    backend_file = _backend_config_path(values)
    if os.path.exists(backend_file):
        from_environment = {key: entry for key, entry in values.items() if entry[1].startswith(ENV_VAR_PREFIX + "__")}
        values.update(_file_layer(backend_file))
        values.update(from_environment)
    return values


def _without_backend_file() -> Layer:
    values = _default_layer()
    user_file = user_config_path()
    if os.path.exists(user_file):
        values.update(_file_layer(user_file))
    values.update(_environment_layer(ENV_VAR_PREFIX))
    return values


def _backend_config_path(values: Layer) -> str:
    named = os.environ.get("PREFECT__BACKEND_CONFIG_PATH")
    return _expand(named or os.path.join(str(values["home_dir",][0]), "backend.toml"))


def _default_layer() -> Layer:
    values: Layer = {("debug",): (DEFAULTS["debug"], "default"), ("home_dir",): (default_home_dir(), "default")}
    values.update((tuple(key.split(".")), (value, "default")) for key, value in DEFAULTS.items())
    return values


def _file_layer(path: str) -> Layer:
    return {key: (value, path) for key, value in dict_to_flatdict(read_toml(path)).items()}


def _environment_layer(prefix: str) -> Layer:
    values: Layer = {}
    start = prefix + "__"
    for name, text in os.environ.items():
        # As everywhere, the name of no folder is none.
        if name.startswith(start) and (text or name != f"{start}HOME_DIR"):
            parts = name[len(start) :].split("__")
            lowered = [part.lower() for part in parts]
            if lowered[:2] == ["context", "secrets"]:
                lowered[2:] = parts[2:]
            values[tuple(lowered)] = (text, name)
    return values


def _build(values: Layer) -> Config:
    flat = {key: entry[0] for key, entry in values.items()}
    for key, (value, source) in values.items():
        if isinstance(value, str) and (source != "default" or "$" in value):
            flat[key] = _cast(_expand(value))
    _follow_references(flat)
    if ("home_dir",) in flat:
        # A run may be executed in another folder, and has to find the same home there.
        flat["home_dir",] = os.path.abspath(str(flat["home_dir",]))
    config = Config()
    for key, value in flat.items():
        try:
            _put(config, key, value, values[key][1])
        except _ReservedKeyError as error:
            raise _ReservedKeyError(error.key, f" in {'.'.join(key)} (from {values[key][1]})") from None
    _normalise_task_defaults(config)
    return config


def _put(section: Config, key: tuple[str, ...], value: Any, source: str) -> None:
    for part in key[:-1]:
        if part not in section:
            section[part] = Config()
        section = section[part]
        if not isinstance(section, Config):
            raise InvalidConfigurationError(
                f"{'.'.join(key)} (from {source}) cannot be set: {part!r} is a value, not a section."
                " Rename the key or remove the value."
            )
    section[key[-1]] = as_nested_dict(value, Config) if isinstance(value, (dict, list, tuple)) else value


def _follow_references(flat: dict[tuple[str, ...], Any]) -> None:
    waiting = [key for key, value in flat.items() if isinstance(value, str) and "${" in value]
    for _ in range(_MOST_ROUNDS):
        if not waiting:
            return
        for key in waiting:
            text = flat[key]
            whole = _REFERENCE.fullmatch(text)
            if whole:
                flat[key] = flat.get(tuple(whole[1].split(".")), "")
            else:
                flat[key] = _cast(_REFERENCE.sub(lambda name: str(flat.get(tuple(name[1].split(".")), "")), text))
        waiting = [key for key in waiting if isinstance(flat[key], str) and "${" in flat[key]]


def _expand(text: str) -> str:
    for _ in range(_MOST_ROUNDS):
        if "$" not in text and not text.startswith("~"):
            break
        expanded = os.path.expanduser(os.path.expandvars(text))
        if expanded == text:
            break
        text = expanded
    return text


#: What no text begins with that is a Python literal; looking first saves importing the parser.
_PLAIN_TEXT = re.compile(r"(?![bBrRuU]{1,2}['\"]|None|set)[A-Za-z_/$%*@:;,<>=?!&|^~\\]|$")


def _cast(text: str) -> Any:
    lowered = text.lower()
    if lowered in ("true", "false"):
        return lowered == "true"
    if _PLAIN_TEXT.match(text):
        return text
    if text.isdecimal() and text.isascii() and (text[0] != "0" or len(text) == 1):
        return int(text)
    import warnings
    from ast import literal_eval

    try:
        with warnings.catch_warnings():
            # The parser warns about odd escapes and numbers, which in a password mean nothing.
            warnings.simplefilter("ignore")
            return literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return text


def _normalise_task_defaults(config: Config) -> None:
    tasks = config.get("tasks")
    defaults = tasks.get("defaults") if isinstance(tasks, Config) else None
    if not isinstance(defaults, Config):
        return
    if defaults.get("max_retries") is False:
        defaults["max_retries"] = 0
    if defaults.get("timeout") is False:
        defaults["timeout"] = None
    delay = defaults.get("retry_delay")
    if delay is False:
        defaults["retry_delay"] = None
    elif isinstance(delay, (int, float)):
        from datetime import timedelta

        defaults["retry_delay"] = timedelta(seconds=delay)


#: The configuration of this process.
config = load_default_config()
