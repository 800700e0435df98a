"""Says in words why trackreel cannot be set up on this machine; `make venv` runs it before anything is fetched.

Runs on any Python 3.6 or later, so that an old interpreter gets a message, not a syntax error. Exit status: 0, or 3.
"""

import ctypes
import platform
import sys


def find_problem(version: "tuple[int, ...]", system: str, machine: str, *, has_x11: bool) -> "tuple[str, str] | None":
    """The message and hint for the first thing that stands in the way, or None."""
    if not (3, 11) <= tuple(version[:2]) <= (3, 13):
        found = ".".join(str(part) for part in version[:2])
        return (
            "trackreel needs Python 3.11, 3.12 or 3.13; this is Python " + found,
            "install one of them, then: make venv PYTHON=python3.13",
        )
    if system == "Linux" and machine not in ("x86_64", "AMD64"):
        return (
            "Taichi, which draws the frames, has no Linux build for " + machine,
            "use an x86-64 Linux machine or container, or macOS",
        )
    if system == "Linux" and not has_x11:
        return (
            "libX11.so.6 cannot be loaded, and Taichi, which draws the frames, needs it (no display is needed)",
            "Debian, Ubuntu: apt-get install libx11-6; Fedora: dnf install libX11; Arch: pacman -S libx11",
        )
    return None


def can_load(library: str) -> bool:
    """Whether the dynamic linker finds the library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def main() -> int:
    """Check this machine; print `error:` and `hint:` lines to stderr."""
    problem = find_problem(sys.version_info, platform.system(), platform.machine(), has_x11=can_load("libX11.so.6"))
    if problem is None:
        return 0
    sys.stderr.write("error: {}\nhint: {}\n".format(*problem))
    return 3


if __name__ == "__main__":
    sys.exit(main())
