"""The system's lock on an open file (flock): it goes when the process does, however that ends."""

from __future__ import annotations

import sys


def take(file: int, *, shared: bool = False) -> bool | None:
    """Take the lock of an open file without waiting.

    False: another process has it. None: this system or this file system has no such locks, so that nothing is known.
    """
    if sys.platform == "win32":
        return None
    import fcntl

    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True
