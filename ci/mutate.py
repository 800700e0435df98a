#!/usr/bin/env python3
"""Whether the goldens see mistakes: applies each mutation of ci/mutations.yaml to a copy of the code and verifies it.

.venv/bin/python ci/mutate.py                      all of them, and a table: what caught each, and at which frame
.venv/bin/python ci/mutate.py --list               what there is
.venv/bin/python ci/mutate.py --only 'effects/*'   some; --shard I/N a part; -j N several at once; --resume goes on
                                                   where an earlier call was stopped, and does what changed since

A mutation is caught where frames differ: the goldens it names as likely are asked first, then all. One that ends a task
with an error shows nothing and is refused. Exit status: 0 at least 95 % are caught and every other one is explained
(`why`), 4 not so, 1 the copy without a mutation is not equal or a mutation breaks a task, 2 a wrong list or command,
130 interrupted.
"""

from __future__ import annotations

import argparse
import fnmatch
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "ci")]

from mutants import Bench, Memory, Mutation, Result  # noqa: E402 - a script finds the packages beside its own folder

from engine.errors import InputError, RenderError  # noqa: E402
from runner import shard, yamlfile  # noqa: E402

SOURCE = ROOT / "ci" / "mutations.yaml"
WANTED = 0.95
KEYS = {"name", "file", "old", "new", "likely", "why"}


def read(source: Path = SOURCE, seed: int | None = None) -> list[Mutation]:
    """The list; of several `new` texts the seed chooses one. Raises InputError."""
    document = yamlfile.read(source, source.name)
    document.check()
    data: Any = document.data
    seed = data["seed"] if seed is None else seed
    found = []
    for entry in data["mutations"]:
        if unknown := set(entry) - KEYS or KEYS - {"why"} - set(entry):
            raise InputError(f"{source.name}: {entry.get('name', entry)}: unknown or missing: {sorted(unknown)}")
        new = entry["new"] if isinstance(entry["new"], list) else [entry["new"]]
        found.append(Mutation(**{**entry, "new": Random(f"{seed}:{entry['name']}").choice(new)}))  # noqa: S311 - no secret
    return found


def table(found: Sequence[tuple[Mutation, Result]]) -> Iterator[str]:
    """Markdown: a row for each mutation, then the sum and every escape with its reason."""
    yield "| mutation | change | caught by | frame | seconds |"
    yield "| --- | --- | --- | --- | --- |"
    for one, result in found:
        change = " ".join(f"`{one.old}` -> `{one.new}`".split()).replace("|", "\\|")
        by = result.caught.partition("/")[2] or ("BROKEN" if result.error else "ESCAPED")
        yield f"| {one.name} | {change} | {by} | {result.frame if result.caught else ''} | {result.seconds} |"
    caught = sum(bool(result.caught) for _, result in found)
    yield ""
    share = 100.0 * caught / len(found)
    seconds = sum(result.seconds for _, result in found)
    yield f"**{len(found)} mutations: {caught} caught ({share:.1f} %), {seconds:.0f} s**"
    for one, result in found:
        if result.error:
            yield f"- {one.name} breaks the task, which shows nothing of goldens: {result.error}"
        elif not result.caught:
            yield f"- {one.name} escapes: {one.why or 'NOT EXPLAINED: add a golden, or a `why`'}"
        elif one.why:
            yield f"- {one.name} is caught, but the list says why it could not be: {one.why}"


def verdict(found: Sequence[tuple[Mutation, Result]]) -> int:
    """The exit status, as the module says."""
    if any(result.error for _, result in found):
        return 1
    caught = sum(bool(result.caught) for _, result in found)
    explained = all(result.caught or mutation.why for mutation, result in found)
    return 0 if caught >= WANTED * len(found) and explained else 4


def chosen(found: Sequence[Mutation], only: Sequence[str], part: str) -> list[Mutation]:
    """Those of any of the globs, and a part of them. Raises InputError where none is left."""
    wanted = shard.parse(part)
    found = [one for one in found if any(fnmatch.fnmatchcase(one.name, glob) for glob in only)]
    found = found[wanted.index - 1 :: wanted.count]
    if not found:
        raise InputError(f"no mutation is of --only {' '.join(only)} --shard {part}", "--list shows them")
    return list(found)


def suite(found: Sequence[Mutation], options: argparse.Namespace) -> list[tuple[Mutation, Result]]:
    """Run them, with a line for each on stderr; in the list's order."""
    with tempfile.TemporaryDirectory(prefix="trackreel-mutants-") as folder:
        bench = Bench(Path(folder), options.folder.resolve() / "kernels")
        memory = Memory(options.folder / "results", used=options.resume)
        results: Mapping[str, Result] = {one.name: old for one in found if (old := memory.recall(bench, one))}
        left = [one for one in found if one.name not in results]
        if left:
            # Of a few, the goldens that are asked first; all of them before an escape is believed.
            bench.control(sorted({f"goldens/{one.likely}" for one in left}) if options.only else ["*"])
            print("control: equal", file=sys.stderr)

        def run(mutation: Mutation) -> Result:
            result = bench.run(mutation)
            memory.keep(bench, mutation, result)
            said = result.error or (f"{result.caught}, frame {result.frame}" if result.caught else "ESCAPED")
            print(f"{mutation.name}: {said} ({result.seconds} s)", file=sys.stderr, flush=True)
            return result

        with ThreadPoolExecutor(options.jobs) as pool:
            try:
                results = {**results, **{result.name: result for result in pool.map(run, left)}}
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
    return [(one, results[one.name]) for one in found]


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what is asked for; the exit status."""
    parser = argparse.ArgumentParser(description="Whether the goldens see mistakes.")
    parser.add_argument("--only", action="append", metavar="GLOB", help="mutations of these names; may be repeated")
    parser.add_argument("--shard", default="1/1", metavar="I/N", help="part I of N")
    parser.add_argument("-j", dest="jobs", type=int, default=1, metavar="N", help="so many at once")
    parser.add_argument("--seed", type=int, help="chooses among several changes [default: the list's]")
    parser.add_argument("--resume", action="store_true", help="take over results that still hold")
    parser.add_argument("--folder", type=Path, default=ROOT / "out" / "mutations", help="results and kernels")
    parser.add_argument("--list", action="store_true", help="print the names and end")
    options = parser.parse_args(arguments)
    try:
        found = chosen(read(seed=options.seed), options.only or ["*"], options.shard)
        if options.list:
            print("\n".join(one.name for one in found))
            return 0
        results = suite(found, options)
    except RenderError as error:
        sys.stderr.write(f"error: {error.message}\n" + (f"hint: {error.hint}\n" if error.hint else ""))
        return error.exit_status
    except KeyboardInterrupt:
        return 130
    print("\n".join(table(results)))
    return verdict(results)


if __name__ == "__main__":
    sys.exit(main())
