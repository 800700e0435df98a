"""Types of options."""

from __future__ import annotations

from typing import Any

import click

from runner import sizes


class Size(click.ParamType[int]):
    """Bytes: `2GB`, `1.5 GiB`, `800M`. Powers of 1000, with an `i` powers of 1024."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number of bytes, at least 1."""
        size = sizes.parse(str(value))
        if not size:
            self.fail(f"'{value}' is no size: write 800MB or 2GiB", param, ctx)
        return size


class Workers(click.ParamType[int]):
    """A number of workers, 0 for `auto`."""

    name = "workers"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number, 0 for `auto`."""
        text = str(value).strip().lower()
        if text == "auto":
            return 0
        if not (text.isascii() and text.isdecimal()) or int(text) > 1024:
            self.fail(f"'{value}' is no number of workers: 1 to 1024, or auto", param, ctx)
        return int(text)
