"""What works on this machine, and what to do about what does not. Looks only; never imports Taichi in this process."""

from __future__ import annotations

import ctypes
import os
import platform
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from engine import cachefolder, ffmpeg
from engine.effects import plugins
from engine.effects.catalog import BUILT_IN
from engine.errors import MissingError, RenderError
from engine.scene import BACKENDS
from engine.sinks.codecs import AUDIO, CONTAINERS, VIDEO
from runner import cachereport, sizes
from runner.backends import probe_backend

OK, NONE, WARN, FAIL = "ok", "none", "warn", "fail"
PYTHONS = ((3, 11), (3, 13))
X11_HINT = "install it: Debian/Ubuntu `apt install libx11-6`, Fedora `dnf install libX11`, Arch `pacman -S libx11`"
_MARKS = {OK: "[green]ok[/]", NONE: "[dim]-[/]", WARN: "[yellow]warn[/]", FAIL: "[red]FAIL[/]"}
_CACHE_HINT = "without it kernels are compiled and tracks analysed each time; TRACKREEL_CACHE names another folder"
_ESSENTIAL = ("h264", "aac")  # the defaults: without them a plain export fails


@dataclass(frozen=True, slots=True)
class Row:
    """One thing looked at.

    state: ok, none (optional, and not here), warn (something optional is missing), fail (an export cannot work).
    """

    name: str
    state: str
    detail: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All rows, and the table codec -> suffix -> whether this ffmpeg can write it."""

    rows: tuple[Row, ...]
    codecs: Mapping[str, Mapping[str, bool]]

    @property
    def exit_status(self) -> int:
        """3 when something essential is missing, else 0."""
        return MissingError.exit_status if any(row.state == FAIL for row in self.rows) else 0

    def to_dict(self) -> dict[str, Any]:
        """A JSON-able form."""
        return {"rows": [asdict(row) for row in self.rows], "codecs": {k: dict(v) for k, v in self.codecs.items()}}


def collect() -> Report:
    """Look at everything. Takes some seconds; raises nothing."""
    found, encoders = _ffmpeg()
    rows = [
        _python(),
        *_libx11(),
        *_backends(),
        found,
        *_codecs(encoders),
        _audio_formats(),
        _words(),
        *_effects(),
        _cache(),
    ]
    return Report(tuple(rows), codec_table(encoders))


def codec_table(encoders: frozenset[str]) -> dict[str, dict[str, bool]]:
    """Which video and audio codec goes into which container with these encoders."""
    table: dict[str, dict[str, bool]] = {}
    for codec, profile in VIDEO.items():
        there = profile.encoder in encoders
        table[codec] = {suffix: there and codec in one.video for suffix, one in CONTAINERS.items()}
    for codec, (encoder, _) in AUDIO.items():
        if encoder is not None:
            there = encoder in encoders
            table[codec] = {suffix: there and codec in one.audio for suffix, one in CONTAINERS.items()}
    return table


def render(report: Report, console: Console) -> None:
    """Print the report: the rows, their hints, and the codec table."""
    table = Table("", "what", box=None, pad_edge=False, show_header=False)
    table.add_column("found", overflow="fold")  # a path must not lose its end
    for row in report.rows:
        table.add_row(_MARKS[row.state], row.name, escape(row.detail))
        if row.hint and row.state != OK:
            table.add_row("", "", f"[dim]hint: {escape(row.hint)}[/]")
    console.print(table)
    grid = Table("what ffmpeg can write here", *CONTAINERS, box=None, pad_edge=False)
    for codec, cells in report.codecs.items():
        kind = "video" if codec in VIDEO else "audio"
        grid.add_row(f"{kind} {codec}", *("yes" if cells[suffix] else "-" for suffix in CONTAINERS))
    console.print()
    console.print(grid)


def _python() -> Row:
    low, high = PYTHONS
    detail = f"{platform.python_version()} ({platform.machine()}, {os.cpu_count()} CPUs)"
    if low <= sys.version_info[:2] <= high:
        return Row("Python", OK, detail)
    wanted = f"{low[0]}.{low[1]} to {high[0]}.{high[1]}"
    return Row("Python", FAIL, detail, f"Taichi has wheels for Python {wanted}: use one of these")


def _libx11() -> Iterator[Row]:
    """Taichi's library is linked against libX11 on Linux, even where nothing is shown."""
    if sys.platform != "linux":
        return
    try:
        ctypes.CDLL("libX11.so.6")
    except OSError:
        yield Row("libX11", FAIL, "libX11.so.6 is missing; Taichi needs it, also without a screen", X11_HINT)
    else:
        yield Row("libX11", OK, "libX11.so.6")


def _backends() -> Iterator[Row]:
    for backend in BACKENDS:
        name = f"Taichi {backend}"
        if backend == "metal" and sys.platform != "darwin":
            yield Row(name, NONE, "exists on macOS alone")
            continue
        works, detail = probe_backend(backend)
        if works:
            yield Row(name, OK, detail)
        elif backend == "cpu":
            yield Row(name, FAIL, detail, "run `make venv` again; on Linux see libX11 above")
        else:
            yield Row(name, NONE, detail, "optional: nothing needs it, cpu is the default")


def _ffmpeg() -> tuple[Row, frozenset[str]]:
    try:
        path = ffmpeg.find()
        return Row("ffmpeg", OK, f"{ffmpeg.version(path)} ({_short(path)})"), ffmpeg.encoders(path)
    except RenderError as error:
        return Row("ffmpeg", FAIL, error.message, error.hint), frozenset()


def _short(path: Path) -> str:
    """The path with the home folder as `~`, as people write it into bug reports."""
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)


def _codecs(encoders: frozenset[str]) -> Iterator[Row]:
    if not encoders:
        return
    wanted = {codec: profile.encoder for codec, profile in VIDEO.items()}
    wanted |= {codec: encoder for codec, (encoder, _) in AUDIO.items() if encoder is not None}
    for codec, encoder in wanted.items():
        if encoder in encoders:
            continue
        state = FAIL if codec in _ESSENTIAL else WARN
        hint = "unset TRACKREEL_FFMPEG to use the ffmpeg that was installed along"
        yield Row(f"codec {codec}", state, f"this ffmpeg was built without {encoder}", hint)


def _audio_formats() -> Row:
    others = "m4a, aac, wma, video files (through ffmpeg)"
    try:
        import soundfile

        direct = ", ".join(
            name for name in soundfile.available_formats() if name in {"WAV", "FLAC", "OGG", "MP3", "AIFF"}
        )
    except (ImportError, OSError) as error:
        return Row("audio", FAIL, f"soundfile cannot be loaded: {error}", "run `make venv` again")
    return Row("audio", OK, f"{direct}; {others}")


def _words() -> Row:
    from PIL import features

    detail = f"Pillow with FreeType {features.version('freetype2')}"
    if features.check("raqm"):
        return Row("words", OK, f"{detail} and raqm: letters of any script")
    hint = "only for Arabic, Hebrew and the scripts of India: install libfribidi0 (Debian, Ubuntu) or fribidi"
    return Row("words", NONE, f"{detail}, without raqm: no letters that join or run from right to left", hint)


def _effects() -> Iterator[Row]:
    """What other packages bring."""
    for name, several in plugins.found().items():
        row = f"effect {name}"
        origin = " and ".join(one.origin for one in several)
        if name in BUILT_IN:
            yield Row(row, WARN, f"{origin} brings what is built in: ours is used", f"uninstall {several[0].package}")
            continue
        try:
            plugins.load(name)
        except RenderError as error:
            yield Row(row, WARN, error.message, error.hint)
        else:
            yield Row(row, OK, origin)


def _cache() -> Row:
    """A run works without; but then everything is compiled and analysed anew each time."""
    folder = cachefolder.root()
    try:
        contents = cachereport.look()
    except OSError as error:
        return Row("cache", WARN, f"{_short(folder)}: {error.strerror}", _CACHE_HINT)
    except RenderError as error:
        return Row("cache", FAIL, error.message, error.hint)
    there = next(one for one in (folder, *folder.parents) if one.exists())
    if not (there.is_dir() and os.access(there, os.W_OK | os.X_OK)):
        return Row("cache", WARN, f"{_short(folder)} cannot be written", _CACHE_HINT)
    return Row("cache", OK, f"{_short(folder)} ({sizes.readable(contents.bytes)})")
