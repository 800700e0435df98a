"""A job file -> Job. Parse, then check everything, then report all of it; nothing starts before a job is right."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from runner import jobvalues, matrix, schemacheck, yamlfile
from runner.diagnostics import Diagnostic, JobError, Position, Source, did_you_mean, printable
from runner.dotted import assign, copy_mappings, key_path
from runner.jobcheck import Checker, Each
from runner.jobspec import Job, Settings, golden_path
from runner.matrixcheck import check_matrix, check_own, check_varied
from runner.yamlfile import Document, Where

__all__ = ["Job", "Settings", "from_mapping", "load", "to_yaml"]

MODELINE = "# yaml-language-server: $schema="


def load(path: Path, overrides: Mapping[str, str] | None = None, each: Each | None = None) -> Job:
    """Read, check and resolve a job file; `overrides` are dotted keys with YAML values, as of `--set KEY=VALUE`.

    `each` is told of every task that is found on the way, in order; of a job that is refused not of all.

    Raises JobError with every problem of the file and of the overrides, and MissingError where only ffmpeg could read a
    track and there is none.
    """
    document = yamlfile.read(path)
    return _resolve(document, path, path.parent, _parse_overrides(document, overrides or {}), each)


def from_mapping(data: Mapping[str, Any], labels: Mapping[str, str], folder: Path = Path()) -> Job:
    """A job made in memory; `labels` names dotted keys in messages: {"video.fps": "--fps"}. Raises as `load`."""
    document = yamlfile.from_mapping(data, {key_path(key): label for key, label in labels.items()})
    return _resolve(document, Path("export"), folder, {})


def to_yaml(data: Mapping[str, Any], schema: str = "") -> str:
    """The job file of a mapping: `load` reads it back to equal data. `schema`: path or URL for editors' completion."""
    text: str = yaml.dump(
        dict(data), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1000, default_flow_style=False
    )
    return f"{MODELINE}{schema}\n{text}" if schema else text


def _resolve(
    document: Document, path: Path, folder: Path, overrides: Mapping[str, Any], each: Each | None = None
) -> Job:
    if not isinstance(document.data, dict):
        schemacheck.check(document, "job")
        raise JobError.of(document.problems)
    wrong = _check_schema(document)
    wrong |= _check_tracks(document, wrong)
    job = _job(document, path, folder, overrides, wrong)
    if not any(where[:1] == ("matrix",) for where in wrong):
        wrong |= check_matrix(job)
        for origin, message, hint in matrix.problems(job.matrix):
            document.report(document.at(("matrix", *origin)), message, hint)
            wrong.add(("matrix", *origin))
        check_varied(job, wrong)
    if job.kind == "update-goldens":
        _check_jobs(job)
    elif ("kind",) not in wrong:
        Checker(job, wrong, each).run()
        _check_profiles(job)
    document.check()
    return job


def _job(document: Document, path: Path, folder: Path, overrides: Mapping[str, Any], wrong: set[Where]) -> Job:
    """The value, of a document that may still be wrong: wrong places are left out, defaults stand in for them."""
    good = copy_mappings(document.data)
    for where in sorted(wrong, key=len):
        if where[:1] != ("tracks",) or len(where) == 1:  # one wrong entry is left out by itself
            _remove(good, where)
    if good.get("kind") == "verify":  # its tasks are named as outputs are
        golden = good.get("golden")
        named = golden.get("name") if isinstance(golden, dict) else None
        good["output"] = {"path": golden_path(named)}
    axes = matrix.parse(good.pop("matrix", {}))
    for key, value in overrides.items():
        axes = matrix.pin(axes, key, value)
    kept = {key: value for key, value in overrides.items() if key_path(key) not in wrong}
    return Job(path, folder, good.get("kind", "export"), good.get("name", path.stem), good, axes, kept, document)


def _remove(data: Any, where: Where) -> None:
    """Remove a place from nested mappings; an item of a list takes the list with it."""
    for index, key in enumerate(where):
        if not isinstance(data, dict) or key not in data:
            return
        if index == len(where) - 1 or not isinstance(data[key], dict):
            del data[key]
            return
        data = data[key]


def _check_schema(document: Document) -> set[Where]:
    """Check against the job schema. A source that only the matrix or a list of tracks gives counts as given."""
    data = document.data
    axes = data.get("matrix") if isinstance(data.get("matrix"), dict) else {}
    rows = [axes, *(one for one in axes.get("include") or [] if isinstance(one, dict))]
    given = next((one for row in rows for one in (row.get("audio.source"), row.get("audio")) if one), None)
    given = given or data.get("tracks")
    if given is None or not isinstance(data.get("audio", {}), dict) or "source" in data.get("audio", {}):
        return schemacheck.check(document, "job")
    document.data = copy_mappings(data)
    assign(document.data, "audio.source", "of the matrix")
    wrong = schemacheck.check(document, "job")
    document.data = data
    return wrong


def _check_tracks(document: Document, wrong: set[Where]) -> set[Where]:
    """Check what the entries of `tracks` set; the wrong places."""
    found: set[Where] = set()
    entries = document.data.get("tracks")
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        where: Where = ("tracks", index)
        if not any(one[:2] == where for one in wrong) and ("tracks",) not in wrong:
            found |= check_own(document, entry.get("set", {}), (*where, "set"))
    return found


def _check_jobs(job: Job) -> None:
    for index, text in enumerate(job.base.get("jobs", [])):
        if not jobvalues.absolute(job.folder, text).is_file():
            job.document.report(
                job.document.at(("jobs", index)), f"no such job file: {printable(text)}", "check the path"
            )


def _check_profiles(job: Job) -> None:
    for index, profile in enumerate(job.base.get("profiles", [])):
        try:
            jobvalues.rate(profile["fps"])
        except ValueError as error:
            job.document.report(job.document.at(("profiles", index, "fps")), *error.args)


def _parse_overrides(document: Document, overrides: Mapping[str, str]) -> dict[str, Any]:
    """Parse the values and write them into the document, where they replace what the file says."""
    parsed: dict[str, Any] = {}
    for key, text in overrides.items():
        label = f"--set {key}={text}"
        position = Position(Source(printable(label)))
        known = schemacheck.dotted_keys("job")
        root = key.split(".", maxsplit=1)[0]
        if schemacheck.subschema("job", key) is None or root in {"matrix", "version", "kind"}:
            hint = schemacheck.ELSEWHERE.get(key.rpartition(".")[2]) or did_you_mean(key, known)
            document.report(position, f"'{printable(key)}' is not a key that can be set", hint)
            continue
        try:
            value = _parse_override(key, text, label)
        except JobError as error:
            document.problems.extend(Diagnostic.at(position, one.message, one.hint) for one in error.diagnostics)
            continue
        document.problems.extend(value.problems)
        if not value.problems and isinstance(document.data, dict):
            parsed[key] = value.data
            assign(document.data, key, value.data)
            _move(document, key_path(key), position)
    return parsed


def _parse_override(key: str, text: str, label: str) -> Document:
    """The value as YAML; for a key that is text anyway the text as it is, so that "{name}.mp4" needs no quotes."""
    if (schemacheck.subschema("job", key) or {}).get("type") == "string":
        return Document(Source(label), text)
    return yamlfile.parse_value(text, label)


def _move(document: Document, where: Where, position: Position) -> None:
    """Say that the value at `where`, with all it holds, now stands at `position`."""
    for places in (document.values, document.keys):
        for known in [one for one in places if one[: len(where)] == where]:
            del places[known]
    document.values[where] = document.keys[where] = position


class _Dumper(yaml.SafeDumper):
    """Writes plain scalars that our reader and YAML 1.1 readers agree on; anything else is quoted."""

    def ignore_aliases(self, _: Any) -> bool:
        """Write equal values out: a job file is read by people."""
        return True


# What yamlfile.scalar reads as a number and YAML 1.1 does not: quoted, as YAML 1.1's own ambiguities are.
_Dumper.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$|^0o[0-7]+$|^[-+]?0[0-9]+$"),
    list("-+.0123456789"),
)
