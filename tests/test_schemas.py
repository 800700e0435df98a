"""The schemas themselves: sound, and described so that an editor can complete every key."""

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

import schemas
from runner import schemacheck


def properties(schema: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every described property of a schema, at any depth, outside of conditions."""
    if isinstance(schema, dict):
        for name, part in schema.get("properties", {}).items():
            yield f"{path}.{name}", part
            yield from properties(part, f"{path}.{name}")
        for key, part in schema.get("$defs", {}).items():
            yield from properties(part, f"{path}#{key}")


def test_the_schemas_that_files_need_are_there() -> None:
    assert {"job", "track", "preset", "manifest", "event"} <= set(schemas.names())


@pytest.mark.parametrize("name", schemas.names())
def test_schema_is_sound(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schemas.load(name))
    assert schemas.load(name)["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schemas.load(name)["description"]


@pytest.mark.parametrize("name", ["job", "track", "preset", "manifest", "event", "summary"])
def test_every_key_is_described(name: str) -> None:
    schema = schemas.load(name)
    missing = [
        path
        for path, part in properties(schema)
        if "description" not in part
        and "description" not in schema["$defs"].get(part.get("$ref", "").rpartition("/")[2], {})
        and not path.startswith((".audio", ".output", ".task"))
    ]
    assert missing == []


def test_unknown_schema() -> None:
    with pytest.raises(KeyError):
        schemas.text("../job")


def test_defaults_are_those_of_the_contract() -> None:
    found = schemacheck.defaults("job")
    wanted = {
        "video.width": 1280, "video.height": 720, "video.fps": 60,
        "engine.backend": "cpu", "engine.quality": "balanced",
        "seed": 0, "encode.codec": "h264", "encode.audio_codec": "aac", "encode.speed": "veryfast", "encode.threads": 4,
        "encode.bitexact": True, "output.overwrite": False, "output.manifest": True,
    }  # fmt: skip
    assert {key: found[key] for key in wanted} == wanted


@pytest.mark.parametrize(
    ("event", "sound"),
    [
        ({"event": "task_skipped", "task": "a", "reason": "up to date"}, True),
        ({"event": "task_skipped", "task": "a"}, False),
        ({"event": "progress", "task": "a", "stage": "render", "done": 3, "total": 10, "fps": 30.0}, True),
        ({"event": "run_finished", "done": 1, "skipped": 0, "failed": 0, "exit_status": 0}, True),
        ({"event": "unheard of"}, False),
        ({"event": "stopping", "message": "m", "typo": 1}, False),
    ],
)
def test_events(event: dict[str, Any], sound: bool) -> None:
    assert jsonschema.Draft202012Validator(schemas.load("event")).is_valid(event) == sound
