"""What the engine knows of the arguments of ``run``. Source: core.md §3.2."""

from __future__ import annotations

import functools
import inspect
import typing
from dataclasses import dataclass

import pytest

from prefect import Task, task
from prefect.signature import inferred_nout, run_signature


def fields(function):
    found = run_signature(function)
    return {name: getattr(found, name) for name in type(found).__slots__ if getattr(found, name)}


def plain(a, b=2, *, c, d=4, **rest):
    """Returns nothing."""


class Things:
    def method(self, a, b=2):
        """Bound to an instance."""

    @classmethod
    def of_class(cls, a, b=2):
        """Bound to a class."""

    @staticmethod
    def static(a, b=2):
        """Bound to nothing."""

    def slash(self, /, a):
        """Has an odd self."""

    def __call__(self, a, b=2):
        """Make the instance callable."""


@functools.wraps(plain)
def wrapper(*args, **kwargs):
    """Looks like what it wraps."""


A_AND_B = {"positional": ("a", "b"), "defaults": {"b": 2}}


class TestReading:
    def test_all_kinds_of_arguments_of_a_function(self):
        assert fields(plain) == {
            "positional": ("a", "b"),
            "defaults": {"b": 2, "d": 4},
            "keyword_only": ("c", "d"),
            "var_keyword": "rest",
        }

    def test_a_function_without_arguments(self):
        assert fields(lambda: None) == {}

    def test_positional_only_and_var_positional_arguments(self):
        def odd(a, b=1, /, c=2, *rest, d):
            """Cannot be a task."""

        assert fields(odd) == {
            "positional": ("c",),
            "defaults": {"b": 1, "c": 2},
            "keyword_only": ("d",),
            "positional_only": ("a", "b"),
            "var_positional": "rest",
        }

    def test_local_variables_are_no_arguments(self):
        def function(a):
            local = [a]
            return local, local

        assert fields(function) == {"positional": ("a",)}

    @pytest.mark.parametrize(
        "function",
        [Things().method, Things.of_class, Things.static, Things(), functools.partial(lambda a, b=2: None)],
        ids=["method", "class method", "static method", "callable object", "partial"],
    )
    def test_callables_of_every_kind(self, function):
        assert fields(function) == A_AND_B

    def test_a_method_whose_self_is_positional_only(self):
        assert fields(Things().slash) == {"positional": ("a",)}

    def test_a_partial_leaves_out_what_is_bound_by_position(self):
        assert fields(functools.partial(plain, 1)) == {
            "positional": ("b",),
            "defaults": {"b": 2, "d": 4},
            "keyword_only": ("c", "d"),
            "var_keyword": "rest",
        }

    def test_a_partial_gives_a_default_to_what_is_bound_by_name(self):
        assert fields(functools.partial(plain, b=5))["defaults"]["b"] == 5

    def test_a_decorated_function_has_the_arguments_of_what_it_wraps(self):
        assert fields(wrapper) == fields(plain)

    def test_a_class_has_the_arguments_of_its_constructor(self):
        @dataclass
        class Point:
            a: int
            b: int = 2

        assert fields(Point) == A_AND_B

    @pytest.mark.parametrize("function", [plain, Things().method, Things.static, lambda x, *, y: None])
    def test_it_agrees_with_inspect(self, function):
        found, expected = run_signature(function), inspect.signature(function).parameters
        assert [*found.positional, *found.keyword_only] == [
            p.name for p in expected.values() if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
        ]
        assert found.defaults == {p.name: p.default for p in expected.values() if p.default is not p.empty}

    def test_a_callable_that_does_not_tell_is_refused(self):
        class Silent:
            @property
            def __signature__(self):
                raise ValueError("no signature found")

            def __call__(self):
                """Tells nothing."""

        with pytest.raises(ValueError, match=r"does not tell its arguments.* Wrap it in a Python function"):
            run_signature(Silent())


class TestBinding:
    def test_arguments_are_given_by_position_and_by_name(self):
        assert run_signature(plain).bind((1, 2), {"c": 3}) == {"a": 1, "b": 2, "c": 3}
        assert run_signature(plain).bind((), {"c": 3, "a": 1}) == {"a": 1, "c": 3}

    def test_defaults_are_left_out(self):
        assert run_signature(plain).bind((1,), {"c": 3}) == {"a": 1, "c": 3}

    def test_keyword_arguments_without_a_name_are_taken_by_the_rest(self):
        assert run_signature(plain).bind((1,), {"c": 3, "e": 5}) == {"a": 1, "c": 3, "e": 5}

    @pytest.mark.parametrize(
        ("args", "kwargs", "message"),
        [
            ((), {"c": 3}, "missing a required argument: 'a'"),
            ((1,), {}, "missing a required argument: 'c'"),
            ((1, 2), {}, "missing a required argument: 'c'"),
            ((1, 2, 3), {"c": 3}, "too many positional arguments"),
            ((1,), {"a": 1, "c": 3}, "multiple values for argument 'a'"),
        ],
    )
    def test_what_does_not_fit_is_a_type_error(self, args, kwargs, message):
        with pytest.raises(TypeError, match=f"^{message}$"):
            run_signature(plain).bind(args, kwargs)

    def test_an_unknown_name_is_a_type_error_unless_the_rest_takes_it(self):
        with pytest.raises(TypeError, match=r"^got an unexpected keyword argument 'z'$"):
            run_signature(lambda a: None).bind((1,), {"z": 1})

    def test_it_says_whether_it_takes_an_argument(self):
        assert run_signature(plain).takes("anything")
        found = run_signature(lambda a, *, b: None)
        assert (found.takes("a"), found.takes("b"), found.takes("c")) == (True, True, False)


class TestOfTasks:
    def test_a_task_has_the_arguments_of_run_and_of_its_call(self):
        assert str(inspect.signature(task(lambda x, y=2, *, z=3: None))) == (
            "(x, y=2, *, z=3, mapped=False, task_args=None, upstream_tasks=None, flow=None)"
        )

    def test_the_rest_stays_last(self):
        assert str(inspect.signature(task(lambda x, **rest: None))) == (
            "(x, *, mapped=False, task_args=None, upstream_tasks=None, flow=None, **rest)"
        )

    def test_a_task_class_has_the_arguments_of_its_constructor(self):
        class Emit(Task):
            def __init__(self, value, **kwargs):
                self.value = value
                super().__init__(**kwargs)

            def run(self, unrelated):
                return self.value

        assert str(inspect.signature(Emit)) == "(value, **kwargs)"
        assert list(inspect.signature(Task).parameters)[:3] == ["name", "slug", "tags"]


class TestNumberOfValues:
    @pytest.mark.parametrize(
        ("annotation", "expected"),
        [
            (typing.Tuple[int, str], 2),  # noqa: UP006 - the old spelling is what 1.x flows have
            (tuple[int, str], 2),
            (tuple[int], 1),
            (typing.Tuple[()], 0),  # noqa: UP006
            (tuple[()], 0),
            (tuple, None),
            (typing.Tuple, None),  # noqa: UP006
            (tuple[int, ...], None),
            (typing.Tuple[int, ...], None),  # noqa: UP006
            (list[int], None),
            (int, None),
            (None, None),
            ("tuple[int, str]", None),
        ],
    )
    def test_it_is_read_from_the_return_annotation(self, annotation, expected):
        def function():
            """Returns what the annotation says."""

        function.__annotations__["return"] = annotation
        assert inferred_nout(function) == expected

    def test_a_function_without_annotation_has_none(self):
        assert inferred_nout(lambda: None) is None

    def test_an_annotation_that_cannot_be_evaluated_yet_counts_as_none(self):
        class Deferred:
            @property
            def __annotations__(self):
                raise NameError("name 'Later' is not defined")

        assert inferred_nout(Deferred()) is None
