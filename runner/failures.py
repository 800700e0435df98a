"""The failures of a run for a person: equal reasons together, where their logs are, and how to run just those again."""

from __future__ import annotations

import re
import shlex
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from runner.plaintext import clean

SHOWN_ERRORS = 20
"""Failures told one by one as `error:` and `hint:`; beyond, the groups and the summary tell."""

SHOWN_GROUPS, SHOWN_TASKS, WIDTH = 12, 5, 160

DROPPED = {"--only-failed", "--run-dir", "--on-finish"}
"""Options with a value that a rerun does not take over. What --on-finish runs may hold a secret, such as a token."""

Failure = Mapping[str, Any]


def grouped(failures: Iterable[Failure]) -> list[tuple[str, str, list[Failure]]]:
    """(reason, hint, failures) of equal reason, the most frequent first. The reason is the message's first line."""
    groups: defaultdict[tuple[str, str], list[Failure]] = defaultdict(list)
    for one in failures:
        message = str(one.get("message", "")).strip().partition("\n")[0]
        message = re.sub(rf"(?<!\w){re.escape(str(one['task']))}(?!\w)", "...", message)
        groups[message, str(one.get("hint", ""))].append(one)
    ranked = sorted(groups.items(), key=lambda item: -len(item[1]))  # stable: else as they came
    return [(message, hint, members) for (message, hint), members in ranked]


def table(failures: Sequence[Failure], folder: Path, command: Sequence[str]) -> Iterator[str]:
    """The lines that end a run with failures; none for a run without. command: see `rerun`."""
    if not failures:
        return
    groups = grouped(failures)
    if len(failures) > 1:
        yield f"{len(failures):,} tasks failed:"
        for message, hint, members in groups[:SHOWN_GROUPS]:
            yield from _group(message, hint, members)
        if len(groups) > SHOWN_GROUPS:
            yield f"  and {len(groups) - SHOWN_GROUPS:,} other reasons: see {clean(folder / 'summary.json')}"
    elif failures[0].get("log"):
        yield f"log: {clean(failures[0]['log'])}"
    yield f"to run just {'those' if len(failures) > 1 else 'this one'} again: {shlex.join(rerun(command, folder))}"


def rerun(command: Sequence[str], folder: Path) -> list[str]:
    """The command line that makes only what failed in the run of `folder`. command: as `recorded` gives it."""
    return [*command, "--only-failed", str(folder)]


def recorded(arguments: Sequence[str]) -> list[str]:
    """The command line of a run from the words after `trackreel run`, without what a rerun does not take over."""
    kept = ["trackreel", "run"]
    words = iter(arguments)
    for word in words:
        name, equals, _ = word.partition("=")
        if name not in DROPPED:
            kept.append(word)
        elif not equals:
            next(words, None)
    return kept


def _group(message: str, hint: str, members: Sequence[Failure]) -> Iterator[str]:
    count = f"{len(members):,} x " if len(members) > 1 else ""
    yield f"  {count}{clean(message)[:WIDTH]}"
    if hint:
        yield f"    hint: {clean(hint)[:WIDTH]}"
    width = min(60, max(len(str(one["task"])) for one in members[:SHOWN_TASKS]))
    for one in members[:SHOWN_TASKS]:
        log = f"  {clean(one['log'])}" if one.get("log") else ""
        yield f"    {clean(one['task']):<{width}}{log}".rstrip()
    if len(members) > SHOWN_TASKS:
        yield f"    and {len(members) - SHOWN_TASKS:,} more"
