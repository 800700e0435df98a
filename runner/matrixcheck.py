"""What a job's matrix varies and what its tracks change: keys of a job, with such values as those keys take."""

from __future__ import annotations

from typing import Any

from runner import schemacheck
from runner.diagnostics import did_you_mean
from runner.document import Document
from runner.dotted import root
from runner.jobspec import Job
from runner.matrixrules import related
from runner.yamlfile import Where

AXES = ("name", "seed", "audio", "video", "engine", "scene", "overlay", "encode", "output")
"""The top-level keys that a matrix may vary and a track may change."""


def check_matrix(job: Job) -> set[Where]:
    """Report axes that are no keys of a job, and values that such a key cannot have; the wrong places are returned."""
    document, wrong = job.document, set[Where]()
    for axis, values in job.matrix.axes.items():
        for index, value in enumerate(values):
            found = check_key(document, axis, value, ("matrix", axis, index), "a matrix can vary", once=index > 0)
            wrong |= found
    for part, entries in (("include", job.matrix.include), ("exclude", job.matrix.exclude)):
        for index, entry in enumerate(entries):
            for key, value in entry.items():
                wrong |= check_key(document, key, value, ("matrix", part, index, key), "a matrix can vary")
    return wrong


def check_own(document: Document, data: Any, where: Where) -> set[Where]:
    """The same for the `set` of a track, which stands at `where`."""
    wrong = set[Where]()
    for key, value in data.items():
        place = (*where, key)
        if key == "audio.source" or (key == "audio" and isinstance(value, dict) and "source" in value):
            document.report(document.at_key(place), "a track cannot change its own audio.source", "write another entry")
            wrong.add(place)
        else:
            wrong |= check_key(document, key, value, place, "a track can change")
    return wrong


def check_varied(job: Job, wrong: set[Where]) -> None:
    """Report what a track of the job's own list changes though the matrix varies it: it is unclear which is meant."""
    varied = [*job.matrix.axes, *(key for entry in job.matrix.include for key in entry)]
    for index, entry in enumerate(job.base.get("tracks", [])):
        sound = not any(one[:2] == ("tracks", index) for one in wrong)
        for key in entry.get("set", {}) if sound else ():
            axis = next((one for one in varied if related(key, one)), None)
            if axis is not None:
                position = job.document.at_key(("tracks", index, "set", key))
                hint = "take it out of the matrix, or out of the track"
                job.document.report(position, f"a track cannot change '{key}': the matrix varies '{axis}'", hint)


def check_key(document: Document, key: str, value: Any, where: Where, what: str, *, once: bool = False) -> set[Where]:
    """Report a key that no job has, unless `once` it was, and a value that it cannot have; the wrong places."""
    known = root(key) in AXES
    described = schemacheck.subschema("job", key) if known else None
    if described is not None:
        # Part of a section will do; "$ref" would bring back what is required of a whole one.
        loose = {name: rule for name, rule in described.items() if name not in {"required", "$ref"}}
        return schemacheck.check_part(document, "job", loose, value, where)
    if not once:
        keys = [one for one in schemacheck.dotted_keys("job") if root(one) in AXES]
        place = where[:2] if where[0] == "matrix" and isinstance(where[-1], int) else where
        document.report(document.at_key(place), f"'{key}' is not a key that {what}", did_you_mean(key, keys))
    return {where}
