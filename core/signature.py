"""What the engine has to know of a task's ``run``: its arguments.

``inspect`` costs more than the rest of a small flow file's imports, so plain functions are read from their
code object; everything else (partials, callables with a ``__signature__``) goes through ``inspect``.

Source: core.md §3.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from inspect import Signature

_VAR_POSITIONAL, _VAR_KEYWORDS = 0x04, 0x08
#: Arguments of ``Task.__call__`` that ``run`` cannot have as well.
RESERVED_ARGUMENTS = frozenset({"upstream_tasks", "mapped", "task_args", "flow"})


class RunSignature:
    """Arguments of one function, in the order of its definition, without ``self`` of a method.

    Attributes:
        positional: Names that can be given by position or keyword.
        defaults: Name → default value, for every argument that has one.
        keyword_only: Names that can be given by keyword only.
        positional_only: Names that can be given by position only.
        var_positional: Name of the ``*args`` argument, or None.
        var_keyword: Name of the ``**kwargs`` argument, or None.
    """

    __slots__ = ("defaults", "keyword_only", "positional", "positional_only", "var_keyword", "var_positional")

    def __init__(
        self,
        positional: tuple[str, ...],
        defaults: dict[str, Any],
        keyword_only: tuple[str, ...] = (),
        positional_only: tuple[str, ...] = (),
        var_positional: str | None = None,
        var_keyword: str | None = None,
    ) -> None:
        self.positional = positional
        self.defaults = defaults
        self.keyword_only = keyword_only
        self.positional_only = positional_only
        self.var_positional = var_positional
        self.var_keyword = var_keyword

    def takes(self, name: str) -> bool:
        """Return whether a value can be handed over as the argument ``name``."""
        return name in self.positional or name in self.keyword_only or self.var_keyword is not None

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """Return argument name → given value; defaults are left out, ``**kwargs`` are merged in.

        Raises:
            TypeError: An argument is missing, unknown, or given twice.
        """
        names = self.positional
        if len(args) > len(names):
            raise TypeError("too many positional arguments")
        bound = dict(zip(names, args))
        if kwargs:
            known = {*names, *self.keyword_only}
            for name, value in kwargs.items():
                if name in bound:
                    raise TypeError(f"multiple values for argument {name!r}")
                if self.var_keyword is None and name not in known:
                    raise TypeError(f"got an unexpected keyword argument {name!r}")
                bound[name] = value
        if len(bound) < len(names) + len(self.keyword_only):
            for name in (*names, *self.keyword_only):
                if name not in bound and name not in self.defaults:
                    raise TypeError(f"missing a required argument: {name!r}")
        return bound


def run_signature(function: Callable[..., Any]) -> RunSignature:
    """Return the arguments of ``function``.

    Raises:
        ValueError: The callable cannot be inspected.
    """
    target, skipped = getattr(function, "__func__", function), int(hasattr(function, "__func__"))
    code = getattr(target, "__code__", None)
    if code is None or hasattr(target, "__wrapped__") or hasattr(target, "__signature__"):
        return _inspected(function)
    count = code.co_argcount
    names = code.co_varnames
    positional = names[code.co_posonlyargcount : count]
    positional_only = names[: code.co_posonlyargcount]
    if skipped:
        positional, positional_only = (positional, positional_only[1:]) if positional_only else (positional[1:], ())
    keyword_only = names[count : count + code.co_kwonlyargcount]
    rest = count + code.co_kwonlyargcount
    var_positional = names[rest] if code.co_flags & _VAR_POSITIONAL else None
    var_keyword = names[rest + bool(var_positional)] if code.co_flags & _VAR_KEYWORDS else None
    given = target.__defaults__ or ()
    defaults = dict(zip(names[count - len(given) : count], given))
    defaults.update(target.__kwdefaults__ or {})
    return RunSignature(positional, defaults, keyword_only, positional_only, var_positional, var_keyword)


def check_run_signature(signature: RunSignature) -> None:
    """Refuse signatures a task cannot have, as soon as they are written.

    Raises:
        ValueError: The function takes ``*args``, or a positional argument with a reserved name.
    """
    if signature.var_positional:
        raise ValueError(
            f"A task's `run` cannot take *{signature.var_positional}, since a flow hands over every argument by name."
            " Take **kwargs instead."
        )
    reserved = RESERVED_ARGUMENTS.intersection((*signature.positional_only, *signature.positional))
    if reserved:
        raise ValueError(
            f"A task's `run` cannot have arguments named {', '.join(sorted(reserved))}, which a task call reserves"
            " for itself. Rename them."
        )


def check_callable_signature(signature: RunSignature) -> None:
    """Refuse, when a task is made, what its call could not hand on.

    Raises:
        ValueError: A keyword-only or ``**`` argument has a reserved name.
        TypeError: The function has positional-only arguments.
    """
    reserved = RESERVED_ARGUMENTS.intersection((*signature.keyword_only, signature.var_keyword))
    if reserved:
        raise ValueError(f"duplicate parameter name: {', '.join(map(repr, sorted(reserved)))}. Rename it in `run`.")
    if signature.positional_only:
        raise TypeError(
            f"A task's `run` cannot have positional-only arguments ({', '.join(signature.positional_only)}), since a flow"
            " hands over every argument by name. Wrap the function in one that takes them by name."
        )


class TaskSignature:
    """What ``inspect.signature`` tells: of a task the arguments of its call, of a task class those of its constructor."""

    def __get__(self, task: Any, cls: Any) -> Signature:
        import inspect

        if task is None:
            constructor = inspect.signature(cls.__init__)
            return constructor.replace(parameters=list(constructor.parameters.values())[1:])
        parameters = list(inspect.signature(task.run).parameters.values())
        trailing = [parameters.pop()] if parameters and parameters[-1].kind is inspect.Parameter.VAR_KEYWORD else []
        extra = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default)
            for name, default in (("mapped", False), ("task_args", None), ("upstream_tasks", None), ("flow", None))
        ]
        return inspect.Signature([*parameters, *extra, *trailing])


def _inspected(function: Callable[..., Any]) -> RunSignature:
    import inspect

    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError as exc:
        raise ValueError(
            f"{function!r} does not tell its arguments, as is common with built-in functions."
            " Wrap it in a Python function to use it as a task."
        ) from exc
    kinds: dict[Any, list[str]] = {}
    for parameter in parameters:
        kinds.setdefault(parameter.kind, []).append(parameter.name)
    return RunSignature(
        positional=tuple(kinds.get(inspect.Parameter.POSITIONAL_OR_KEYWORD, ())),
        defaults={p.name: p.default for p in parameters if p.default is not inspect.Parameter.empty},
        keyword_only=tuple(kinds.get(inspect.Parameter.KEYWORD_ONLY, ())),
        positional_only=tuple(kinds.get(inspect.Parameter.POSITIONAL_ONLY, ())),
        var_positional=next(iter(kinds.get(inspect.Parameter.VAR_POSITIONAL, ())), None),
        var_keyword=next(iter(kinds.get(inspect.Parameter.VAR_KEYWORD, ())), None),
    )


def described_arguments(function: Callable[..., Any]) -> dict[str, dict[str, Any]]:
    """Return argument → ``{"type", "default", "required"}`` of a function."""
    import inspect

    nothing = inspect.Parameter.empty
    return {
        parameter.name: {
            "type": Any if parameter.annotation is nothing else parameter.annotation,
            "default": None if parameter.default is nothing else parameter.default,
            "required": parameter.default is nothing,
        }
        for parameter in inspect.signature(function).parameters.values()
    }


def annotated_return(function: Callable[..., Any]) -> Any:
    """Return the type that a function is annotated to return, or ``typing.Any``."""
    import inspect

    annotation = inspect.signature(function).return_annotation
    return Any if annotation is inspect.Signature.empty else annotation


def inferred_nout(function: Callable[..., Any]) -> int | None:
    """Return how many values ``function`` returns according to a ``Tuple[...]`` annotation, or None."""
    try:
        annotation = getattr(function, "__annotations__", {}).get("return")
    except NameError:  # Python 3.14 evaluates them here, where a name may be defined further below
        return None
    if getattr(annotation, "__origin__", None) is not tuple:
        return None
    arguments: tuple[Any, ...] = getattr(annotation, "__args__", ())
    if arguments == ((),):  # Tuple[()] up to Python 3.10
        return 0
    if not arguments:
        # The bare typing.Tuple has the origin tuple as well, and no parameters of its own.
        return 0 if repr(annotation).endswith("[()]") else None
    return None if arguments[-1] is Ellipsis else len(arguments)
