"""A command line tool that logs a line: what `prefect run -p hello.py` is compared with."""

import logging
import runpy
import sys

import click


@click.command()
@click.option("-p", "--path", required=True, help="The script to run.")
def run(path):
    """Run a script."""
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(asctime)s | %(levelname)-7s | %(message)s")
    logging.getLogger("run").info("Running %s", path)
    runpy.run_path(path)["greet"]("world")


run()
