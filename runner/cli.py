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


def program() -> int:
    """`main` for a process that ends with the status returned: from here on, Ctrl-C changes nothing any more."""
    status = 130
    try:
        status = main()
    except KeyboardInterrupt:  # one more, while the first was told
        pass
    finally:
        import signal

        signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Where Ctrl-C met code in a string (named tuples and dataclasses are made so), Python remembers it although it
    # was caught, and `python -m` then kills itself with SIGINT, whatever the status. Running another string clears it.
    exec("")  # noqa: S102
    return status


if __name__ == "__main__":
    sys.exit(program())
