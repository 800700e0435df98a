"""The entry of the command line: runs a command and turns whatever happens into a message and an exit status.

Nothing is imported before the `try`, so that Ctrl-C during start-up ends as quietly as at any other moment.
"""

import sys


def main(arguments: list[str] | None = None) -> int:
    """Run `trackreel` with these arguments (default: the process's); the exit status is the contract's."""
    try:
        from runner import interrupt

        with interrupt.immediate():
            from runner.commands import invoke

            return invoke(arguments)
    except KeyboardInterrupt:
        sys.stderr.write("error: interrupted\n")
        return 130


if __name__ == "__main__":
    sys.exit(main())
