"""`python -m runner` is `trackreel`."""

import sys

from runner.cli import program

if __name__ == "__main__":
    sys.exit(program())
