"""A job's matrix against the job schema: its keys exist, and its values are such as those keys take."""

from __future__ import annotations

from typing import Any

from runner import schemacheck
from runner.diagnostics import did_you_mean
from runner.jobspec import Job
from runner.yamlfile import Where

AXES = ("name", "seed", "audio", "video", "engine", "scene", "encode", "output")
"""The top-level keys that a matrix may vary."""


def check_matrix(job: Job) -> set[Where]:
    """Report axes that are no keys of a job, and values that such a key cannot have; the wrong places are returned."""
    document, wrong = job.document, set[Where]()
    rows: list[tuple[Where, str, Any]] = [
        ((axis, index), axis, value) for axis, values in job.matrix.axes.items() for index, value in enumerate(values)
    ]
    for part, entries in (("include", job.matrix.include), ("exclude", job.matrix.exclude)):
        rows += [((part, index, key), key, value) for index, one in enumerate(entries) for key, value in one.items()]
    for origin, key, value in rows:
        where: Where = ("matrix", *origin)
        described = schemacheck.subschema("job", key) if key.split(".", maxsplit=1)[0] in AXES else None
        if described is not None:
            loose = {name: rule for name, rule in described.items() if name != "required"}
            wrong |= schemacheck.check_part(document, "job", loose, value, where)
        elif origin[-1] in {0, key}:  # once for an axis, not once for each of its values
            known = [one for one in schemacheck.dotted_keys("job") if one.split(".", maxsplit=1)[0] in AXES]
            place = where[:2] if origin[0] == key else where
            document.report(
                document.at_key(place), f"'{key}' is not a key that a matrix can vary", did_you_mean(key, known)
            )
            wrong.add(where)
    return wrong
