"""``python -m prefect``: the same program as the ``prefect`` command."""

import sys

from prefect.cli import main

if __name__ == "__main__":
    sys.exit(main())
