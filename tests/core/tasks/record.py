"""Record which names the task library of 1.4.1 has, and which arguments its tasks take.

Run it with the Python of an environment that holds prefect 1.4.1 and pydantic 1: ``python record.py``. It writes
``recorded/task_library.json``: for each module the public names that are its own or its package's, and for each task and
function its arguments without annotations, ``...`` standing for defaults that are no literals. Libraries that the modules
import and that are missing get stand-ins, which is enough for that.
"""

import ast
import importlib
import inspect
import json
import os
import pkgutil
import sys
import types
from datetime import date
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

RECORDED = Path(__file__).parent / "recorded" / "task_library.json"
ROOT = "prefect.tasks"


class StandInType(type):
    """A class of a library that is missing: has every attribute, and returns what it decorates."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return StandInType(name, (), {})

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        """Act as a decorator, with and without arguments."""
        return args[0] if len(args) == 1 and inspect.isfunction(args[0]) else lambda function: function


class StandIn(types.ModuleType):
    """A module of a library that is missing."""

    def __getattr__(self, name: str) -> Any:
        if name == "__version__":
            return "1.0.0"
        if name.startswith("__"):
            raise AttributeError(name)
        value = StandInType(name, (), {})
        setattr(self, name, value)
        return value


class StandInFinder:
    """Finds every module that nobody else has found."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Return a stand-in for a module."""
        return None if name.startswith("prefect") else ModuleSpec(name, self, is_package=True)  # type: ignore[arg-type]

    def create_module(self, spec: Any) -> Any:
        """Return the module itself."""
        return StandIn(spec.name)

    def exec_module(self, module: Any) -> None:
        """Have nothing to run."""


def module_names(folder: str, prefix: str) -> Any:
    """Yield the names of all modules below a package, without importing them."""
    for module in pkgutil.iter_modules([folder]):
        yield prefix + module.name
        if module.ispkg:
            yield from module_names(os.path.join(folder, module.name), f"{prefix}{module.name}.")


def is_public(name: str, value: Any, module: str) -> bool:
    """Return whether a name of a module is a task, class or function of the task library."""
    from prefect import Task

    if name.startswith("_"):
        return False
    if isinstance(value, Task):
        return True
    home = getattr(value, "__module__", None) or ""
    return home.startswith(f"{ROOT}.") and (inspect.isclass(value) or inspect.isfunction(value))


def arguments(function: Any) -> str:
    """Return the arguments of a function as text, without annotations."""
    signature = inspect.signature(function)
    shown = [
        parameter.replace(annotation=inspect.Parameter.empty, default=default_of(parameter))
        for parameter in signature.parameters.values()
    ]
    return str(signature.replace(parameters=shown, return_annotation=inspect.Signature.empty))


def default_of(parameter: inspect.Parameter) -> Any:
    """Return the default of an argument, an ellipsis if it is no literal."""
    if parameter.default is inspect.Parameter.empty:
        return parameter.default
    try:
        ast.literal_eval(repr(parameter.default))
    except (ValueError, SyntaxError):
        return ...
    # A default that was today's date is one that was computed.
    return ... if parameter.default == str(date.today()) else parameter.default  # noqa: DTZ011 - as the library computes it


def signatures_of(value: Any) -> Any:
    """Return what there is to say of a task, class or function."""
    from prefect import Task

    if isinstance(value, Task):
        return {"task": arguments(value.run)}
    if inspect.isfunction(value):
        return {"function": arguments(value)}
    if issubclass(value, Task):
        return {"init": arguments(value.__init__), "run": arguments(value.run)}
    return {"class": "exception" if issubclass(value, Exception) else "other"}


def main() -> None:
    """Write the file."""
    import prefect.tasks

    sys.meta_path.append(StandInFinder())  # type: ignore[arg-type]
    modules, signatures = {}, {}
    for name in sorted(module_names(prefect.tasks.__path__[0], f"{ROOT}.")):
        module = importlib.import_module(name)
        values = {key: value for key, value in vars(module).items() if is_public(key, value, name)}
        # What a module merely imports from elsewhere is no part of it, unless it is a package that gathers its modules.
        homes = {key: value.__module__ for key, value in values.items()}
        own = sorted(key for key in values if homes[key] == name or homes[key].startswith(f"{name}."))
        if own:
            modules[name] = own
        for key in own:
            if homes[key] == name:
                signatures[f"{name}.{key}"] = signatures_of(values[key])
    text = json.dumps({"modules": modules, "signatures": signatures}, indent=1, sort_keys=True)
    RECORDED.parent.mkdir(exist_ok=True)
    RECORDED.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.tracebacklimit = 0
    main()
