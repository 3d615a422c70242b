"""What a traceback is shown for: ``prefect.utilities._tracebacks``."""

from __future__ import annotations

import json
import sysconfig

import pytest

from prefect import Flow
from prefect.storage.code.web_requests import filled
from prefect.utilities._tracebacks import is_of_user, user_traceback
from prefect.utilities.storage import extract_flow_from_module


def raised_by(function, *arguments):
    """What a call raises, as if nobody of ours had called it."""
    try:
        function(*arguments)
    except Exception as error:
        return error.with_traceback(error.__traceback__.tb_next)
    pytest.fail("nothing was raised")


def own(x):
    return 1 / x


@pytest.mark.parametrize(
    ("function", "argument"),
    [(Flow, ""), (filled, "${NOBODY}"), (json.loads, "{"), (extract_flow_from_module, "no_such_module_of_flows")],
)
def test_what_python_and_this_package_raise_is_not_of_the_user(function, argument):
    assert not is_of_user(raised_by(function, argument))


def test_what_a_users_function_raises_is_of_the_user():
    assert is_of_user(raised_by(own, 0))


def test_a_package_that_is_installed_may_be_the_users():
    file = f"{sysconfig.get_paths()['purelib']}/flows_of_a_team.py"
    variables = {}
    exec(compile("def installed(x): return 1 / x", file, "exec"), variables)

    assert is_of_user(raised_by(variables["installed"], 0))


def test_what_is_no_python_is_of_the_user():
    assert is_of_user(raised_by(compile, "x = (", "mine.py", "exec"))


def test_the_import_system_has_no_part_in_a_traceback():
    shown = user_traceback(raised_by(extract_flow_from_module, "no_such_module_of_flows"))

    assert shown == "ModuleNotFoundError: No module named 'no_such_module_of_flows'"


def test_everything_is_shown_to_who_asks_for_it():
    assert 'Traceback (most recent call last):\n  File "' in user_traceback(raised_by(Flow, ""), everything=True)
