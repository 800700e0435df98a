"""Writes what the documentation shows of presets and effects: docs/gallery.md, docs/effects.md and docs/images/.

.venv/bin/python ci/gallery.py              the pages (a test compares them with the presets)
.venv/bin/python ci/gallery.py --pictures   the same, and a picture of each preset, or of those named, on the demo track
.venv/bin/python ci/gallery.py --lessons    the pages, and a picture of each preset that docs/presets.md teaches with
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from engine.effects.catalog import BUILT_IN  # noqa: E402 - a script finds the packages beside its own folder
from engine.post.catalog import PASSES  # noqa: E402
from engine.scene import EffectSpec, OptionSpec  # noqa: E402
from runner import preset, presetstart  # noqa: E402

ANY = 1e6
"""A limit that stands for none: what grows with `integrate`."""

TRACK, AT, SIZE = "jobs/assets/demo.wav", "7.5", ("960", "540")
MADE = "<!-- Written by ci/gallery.py: change the presets or the catalogs, then run it again. -->"


def gallery() -> str:
    """The page docs/gallery.md."""
    lines = [MADE, "", "# Gallery", ""]
    lines += [
        f"The built-in presets in index order, each at {AT} s of `{TRACK}`. A parameter is set with",
        "`--param NAME=VALUE` or under `scene.params`; see [presets.md](presets.md).",
    ]
    for index, name in enumerate(preset.names()):
        info = preset.describe(name)
        lines += ["", f"## {index}: {name}", "", info.description, "", f"![A frame of {name}](images/{name}.jpg)", ""]
        lines += table(info.params)
    return "\n".join(lines) + "\n"


def effects() -> str:
    """The page docs/effects.md."""
    lines = [MADE, "", "# Effects and post passes", ""]
    lines += [
        "What the layers and the `post` of a preset file may name. Every parameter takes a number or an",
        "[expression](presets.md#expressions). The picture's shorter side spans -1 to 1; colours are places 0 (dark)",
        "to 1 (bright) in the palette.",
    ]
    return "\n".join([*lines, *section("Effects", BUILT_IN), *section("Post passes", PASSES)]) + "\n"


def section(title: str, specs: Mapping[str, EffectSpec]) -> Iterator[str]:
    """One table for each effect."""
    yield from ("", f"## {title}")
    for name, spec in specs.items():
        memory = " It has a memory: a picture depends on those before it." if spec.memory else ""
        yield from ("", f"### {name}", "", spec.description + memory, "")
        yield from table(spec.params, spec.options)


def table(specs: Mapping[str, Any], options: Mapping[str, OptionSpec] = MappingProxyType({})) -> Iterator[str]:
    """A table of parameters: name, default, range, unit, meaning."""
    yield from ("| parameter | default | range | unit | meaning |", "| --- | --- | --- | --- | --- |")
    for name, one in specs.items():
        default = one.default if isinstance(one.default, str) else f"{one.default:g}"
        limits = "any" if one.maximum >= ANY else f"{one.minimum:g} to {one.maximum:g}"
        yield f"| `{name}` | `{default}` | {limits} | {one.unit} | {one.description} |"
    for name, one in options.items():
        words = ", ".join(f"`{word}`" for word in one.words)
        yield f"| `{name}` | `{one.words[0]}` | {words} |  | {one.description} |"


def palettes() -> None:
    """A strip of each palette that has a name, as the engine mixes it."""
    import io

    from PIL import Image, ImageDraw, ImageFont

    from engine.oklab import hex_of, palette_at
    from engine.overlay import fonts
    from engine.palettes import PALETTES

    width, line, strip, rows = 960, 44, 340, len(PALETTES) // 2
    image = Image.new("RGB", (width, line * rows), "#101014")
    draw = ImageDraw.Draw(image)
    font = ImageFont.truetype(io.BytesIO(fonts.builtin("regular")[0]), 20)
    for index, (name, one) in enumerate(PALETTES.items()):
        x, y = index // rows * (width // 2), index % rows * line
        draw.text((x + 12, y + line // 2), name, "#e8e8ec", font, anchor="lm")
        for column in range(strip):
            colour = hex_of(palette_at(one.colours, column / (strip - 1)))
            draw.line((x + 124 + column, y + 5, x + 124 + column, y + line - 6), colour)
    image.save(ROOT / "docs/images/palettes.png", optimize=True)


def pictures(names: Iterable[str]) -> None:
    """A JPEG of each of these presets, small enough for a page."""
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            picture(name, name, Path(folder))


def lessons() -> None:
    """A JPEG of each preset that docs/presets.md teaches with."""
    page = (ROOT / "docs/presets.md").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        picture(str(presetstart.write("start", folder=Path(folder))), "preset-start", Path(folder))
        for text in re.findall(r"^```yaml\n(.*?)^```", page, flags=re.DOTALL | re.MULTILINE):
            named = re.search(r"^name: (\S+)", text, flags=re.MULTILINE)
            if named and f"images/preset-{named[1]}.jpg" in page:
                path = Path(folder) / f"{named[1]}.yaml"
                path.write_text(text, encoding="utf-8")
                picture(str(path), f"preset-{named[1]}", Path(folder))


def picture(name: str, target: str, folder: Path) -> None:
    """Draw a preset into docs/images/TARGET.jpg."""
    from PIL import Image

    out = folder / f"{target}.png"
    size = ("--width", SIZE[0], "--height", SIZE[1], "--fps", "30", "--quality", "high")
    command = [sys.executable, "-m", "runner", "still", "--preset", name, "--audio", TRACK, "--at", AT, *size]
    subprocess.run([*command, "--out", str(out)], cwd=ROOT, check=True)
    Image.open(out).convert("RGB").save(ROOT / f"docs/images/{target}.jpg", quality=88, optimize=True)


def mosaic() -> None:
    """All pictures on one sheet, for the README."""
    from PIL import Image

    names = preset.names()
    width, height, across = 320, 180, 6
    image = Image.new("RGB", (width * across, height * -(-len(names) // across)))
    for index, name in enumerate(names):
        one = Image.open(ROOT / f"docs/images/{name}.jpg").resize((width, height), Image.Resampling.LANCZOS)
        image.paste(one, (index % across * width, index // across * height))
    image.save(ROOT / "docs/images/presets.jpg", quality=86, optimize=True)


def main() -> None:
    """Write them."""
    (ROOT / "docs/gallery.md").write_text(gallery(), encoding="utf-8")
    (ROOT / "docs/effects.md").write_text(effects(), encoding="utf-8")
    palettes()
    if sys.argv[1:2] == ["--lessons"]:
        lessons()
    if sys.argv[1:2] == ["--pictures"]:
        pictures(sys.argv[2:] or preset.names())
        mosaic()


if __name__ == "__main__":
    main()
