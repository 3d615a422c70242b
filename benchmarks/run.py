"""Measure, and print one table in Markdown.

python benchmarks/run.py
python benchmarks/run.py --only commands --only tasks
python benchmarks/run.py --reference /path/to/python    # of an environment that has prefect==1.4.1

Everything happens in a temporary folder; for the figures of the store TMPDIR has to name one on a disk.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from pathlib import Path

from figures import GROUPS, Figure
from timing import Timer


def row(figure: Figure) -> str:
    """A figure as a row of the table."""
    cells = [
        figure.name,
        f"{_number(figure.measured)} {figure.unit}",
        "–" if figure.floor is None else _number(figure.floor),
        "–" if figure.floor is None else f"{figure.measured / figure.floor:.2f}",
        figure.target,
        "–" if figure.reference is None else _number(figure.reference),
        "yes" if figure.met else "**no**",
    ]
    return "| " + " | ".join(cells) + " |"


def _number(number: float) -> str:
    if number < 10:
        return f"{number:.2f}"
    return f"{number:,.1f}" if number < 100 else f"{number:,.0f}"


def main() -> int:
    """Print the table; the exit code is 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=GROUPS, metavar="NAME", help=f"one of {', '.join(GROUPS)}")
    parser.add_argument(
        "--reference", type=Path, metavar="PYTHON", help="also measure the prefect==1.4.1 of this Python"
    )
    chosen = parser.parse_args()
    reference = chosen.reference and Path(
        os.path.abspath(chosen.reference)
    )  # a resolved link would leave its environment

    print(
        f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores, {platform.system()}\n"
    )
    print("| figure | measured | floor | ratio | target | 1.4.1 | met? |")
    print("|---|---|---|---|---|---|---|")
    met = True
    with tempfile.TemporaryDirectory() as folder:
        timer = Timer(Path(folder))
        for name in chosen.only or GROUPS:
            for figure in GROUPS[name](timer, reference):
                print(row(figure), flush=True)
                met = met and figure.met
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
