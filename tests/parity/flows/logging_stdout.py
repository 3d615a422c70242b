"""Loggers in tasks, `log_stdout`, and plain prints."""

import logging
import sys

import prefect
from prefect import Flow, Task, task
from prefect.utilities.logging import get_logger


@task
def by_context(x):
    logger = prefect.context.get("logger")
    logger.debug("not shown")
    logger.info("got %s", x)
    logger.warning("a warning")
    logger.error("an error")
    return logger.name


class WithLogger(Task):
    def run(self):
        self.logger.info("I am %s", self.name)
        return self.logger.name


@task(log_stdout=True)
def printing():
    print("one argument")
    print()
    print("   ")
    sys.stdout.write("written")
    print("to stderr", file=sys.stderr)
    return hasattr(sys.stdout, "flush")


@task(log_stdout=True)
def printing_lines():
    print("two", "arguments")
    print("several\nlines")


@task(log_stdout=True)
def printing_then_failing():
    print("before the failure")
    raise ValueError("failure")


@task(log_stdout=True, timeout=10)
def printing_with_timeout():
    print("in time")


@task
def to_the_screen():
    print("plain print")
    return type(sys.stdout).__name__


@task
def each(x):
    prefect.context.logger.info("element %s", x)
    return prefect.context.logger.name


@task
def by_name():
    get_logger("my.area").info("from a named logger")
    logging.getLogger("prefect.elsewhere").info("from a standard logger")
    logging.getLogger("unrelated").info("not collected")


with Flow("loggers") as loggers:
    by_context("x")
    WithLogger(name="my task")()
    each.map([1, 2])
    by_name()

with Flow("stdout") as stdout:
    printing()
    printing_then_failing()
    printing_with_timeout()

with Flow("lines") as lines:
    printing_lines()

with Flow("plain prints") as prints:
    to_the_screen()

CASES = {
    "loggers": {"flow": loggers},
    "loggers at warning": {"flow": loggers, "env": {"PREFECT__LOGGING__LEVEL": "WARNING"}},
    "log_stdout": {"flow": stdout},
    "lines": {"flow": lines},
    "plain prints": {"flow": prints},
}
