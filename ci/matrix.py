"""The cells of ci/nightly.yaml, for GitHub, for ci/nightly.sh and for people.

.venv/bin/python ci/matrix.py github [--cuda-runner LABEL]   GitHub's matrix, a line of JSON; without LABEL no cuda
.venv/bin/python ci/matrix.py list                           a line a cell: what ci/cell.sh is given
.venv/bin/python ci/matrix.py table FOLDER                   a Markdown table of what ci/cell.sh left in FOLDER

Exit status: 0, or 2 where ci/nightly.yaml or the command line is wrong. Needs PyYAML, and nothing else of trackreel's
dependencies. GitHub allows 256 cells.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from engine.errors import InputError  # noqa: E402 - a script finds the packages beside its own folder
from runner import matrix, yamlfile  # noqa: E402

SOURCE = ROOT / "ci" / "nightly.yaml"
AXES = ("backend", "python", "ffmpeg", "threads", "simd", "order", "shard")
PLACES = ("runner", "packages")
CUDA_RUNNER = "CUDA_RUNNER"
MAX_CELLS = 256
WORDS = {
    0: "equal",
    1: "failed",
    2: "wrong job",
    3: "cannot run here",
    4: "FRAMES DIFFER",
    130: "interrupted",
}

Cell = dict[str, str]
"""AXES and PLACES -> text, and `name`: what files and artefacts of the cell are called."""


def cells(source: Path = SOURCE) -> list[Cell]:
    """All cells, in order. Raises InputError for a file that is wrong, with the place of everything that is."""
    document = yamlfile.read(source, source.name)
    document.check()
    if not isinstance(document.data, dict):
        raise InputError(f"{source.name}: this is not a mapping of axes", "see ci/nightly.yaml in git")
    parsed = matrix.parse(document.data)
    usage = matrix.Usage()
    for where, message, hint in matrix.problems(parsed):
        document.report(document.at(where), message, hint)
    document.check()
    found = [complete({key: str(value) for key, value in one.values.items()}) for one in matrix.cells(parsed, usage)]
    for where, message, hint in matrix.unused(parsed, usage):
        document.report(document.at(where), message, hint)
    document.check()
    check(found)
    return found


def complete(values: Cell) -> Cell:
    """A cell with all keys and its name. Raises InputError where one is missing or unknown."""
    values = {"packages": "", **values}
    missing = [key for key in (*AXES, *PLACES) if key not in values]
    unknown = sorted(set(values) - {*AXES, *PLACES})
    if missing or unknown:
        raise InputError(f"a cell of the matrix is wrong: {values}", f"missing: {missing}; unknown: {unknown}")
    return {**values, "name": "-".join(values[key] for key in AXES).replace("/", "of")}


def check(found: Sequence[Cell]) -> None:
    """Raise InputError for cells that GitHub would refuse, or that would write the same files."""
    if not 0 < len(found) <= MAX_CELLS:
        raise InputError(f"the matrix has {len(found)} cells", f"GitHub takes 1 to {MAX_CELLS}")
    twice = [name for name, count in Counter(cell["name"] for cell in found).items() if count > 1]
    if twice:
        raise InputError(f"two cells of the matrix are the same: {twice[0]}", "correct `include`")


def for_github(found: Sequence[Cell], cuda_runner: str) -> str:
    """GitHub's matrix as JSON. Without a runner for cuda its cells are left out: GitHub would wait a day for one."""
    places = {CUDA_RUNNER: cuda_runner}
    placed = [{**cell, "runner": places.get(cell["runner"], cell["runner"])} for cell in found]
    return json.dumps({"include": [cell for cell in placed if cell["runner"]]})


def table(found: Sequence[Cell], folder: Path) -> Iterator[str]:
    """Markdown: how many cells ended how, and a row for each. A cell that left no result did not run."""
    results = [(cell, *result(folder / f"{cell['name']}.result")) for cell in found]
    counts = Counter(word for _, word, _ in results)
    yield f"**{len(results)} cells: {', '.join(f'{count} {word}' for word, count in counts.items())}**"
    yield ""
    yield f"| {' | '.join(AXES)} | result | |"
    yield "| --- " * (len(AXES) + 2) + "|"
    for cell, word, said in results:
        yield f"| {' | '.join(cell[key] for key in AXES)} | {word} | {said} |"


def result(path: Path) -> tuple[str, str]:
    """How the cell ended that wrote this file: a word, and what it said (one line, safe in a table)."""
    try:
        status, _, said = path.read_text(encoding="utf-8", errors="replace").partition("\n")
    except FileNotFoundError:
        return "did not run", ""
    word = WORDS.get(int(status), f"status {status}") if status.isdecimal() else "broken result"
    return word, " ".join(said.split()).replace("|", "\\|")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what is asked for; the exit status."""
    parser = argparse.ArgumentParser(description="The cells of ci/nightly.yaml.")
    commands = parser.add_subparsers(dest="command", required=True)
    github = commands.add_parser("github", help="GitHub's matrix, a line of JSON")
    github.add_argument("--cuda-runner", default="", metavar="LABEL", help="the runner that has an NVIDIA GPU")
    commands.add_parser("list", help="a line a cell: what ci/cell.sh is given")
    commands.add_parser("table", help="results as Markdown").add_argument("folder", type=Path)
    options = parser.parse_args(arguments)
    try:
        found = cells()
    except InputError as error:
        sys.stderr.write(f"error: {error.message}\n" + (f"hint: {error.hint}\n" if error.hint else ""))
        return error.exit_status
    if options.command == "github":
        print(for_github(found, options.cuda_runner))
    elif options.command == "list":
        print("\n".join(" ".join(cell[key] for key in AXES) for cell in found))
    else:
        print("\n".join(table(found, options.folder)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
