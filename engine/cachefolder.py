"""Where everything lies that can be made again: kernels, timelines, hashes of files."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

VARIABLE = "TRACKREEL_CACHE"


def root() -> Path:
    """The folder that TRACKREEL_CACHE names, else the user's cache folder; it need not exist."""
    return Path(os.environ.get(VARIABLE) or platformdirs.user_cache_dir("trackreel"))
