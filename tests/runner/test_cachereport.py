"""`trackreel cache`: what it counts, what it removes, and what it leaves alone."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from engine.errors import InputError
from runner import cachereport, doctor, filehashes, hashstore, timelinecache
from runner.sizes import readable
from runner.timelinecache import Held
from tests import sounds
from tests.runner.tracks import track
from tests.trackreel import call


@pytest.fixture
def held(cache: Path, tmp_path: Path) -> list[Held]:
    """Two analysed tracks, the first used longer ago, both in use; kernels; and a stranger's files."""
    found = []
    for age, hertz in ((40, 200), (20, 300)):
        path = sounds.write(tmp_path / f"{hertz}.wav", sounds.sine(hertz, 0.5))
        found.append(timelinecache.fetch(track(path), tmp_path / "scratch", lambda _: None, lambda _: None))
        then = time.time() - age * 86400
        os.utime(found[-1].folder.with_name(found[-1].folder.name + ".lock"), (then, then))
    for name in ("taichi-1.7-0123abcd", "taichi-examples", "timelines/mine"):
        (cache / name).mkdir()
        (cache / name / "f").write_bytes(bytes(1000))
    hashstore.Store(filehashes.store_path(cache)).put({bytes(16): (b"m", bytes(32))})
    return found


def strangers(cache: Path) -> bool:
    return (cache / "taichi-examples" / "f").exists() and (cache / "timelines" / "mine" / "f").exists()


def test_show_and_path(cache: Path, held: list[Held], tmp_path: Path) -> None:
    shown = json.loads(call("cache", "show", "--json", cwd=tmp_path).stdout)
    sizes = [sum(one.stat().st_size for one in entry.folder.iterdir()) for entry in held]
    assert shown["folder"] == str(cache)
    assert shown["timelines"] == {"entries": 2, "bytes": sum(sizes), "limit": 2_000_000_000}
    assert shown["kernels"] == {"bytes": 1000}
    assert shown["bytes"] == sum(shown[one]["bytes"] for one in ("timelines", "hashes", "kernels"))
    for words in (("cache",), ("cache", "show")):
        out = call(*words, cwd=tmp_path).stdout
        assert f"{readable(sum(sizes))} of at most 2 GB; 2 tracks" in out
    assert call("cache", "path", cwd=tmp_path).stdout == f"{cache}\n"


def test_an_empty_cache_is_shown_and_cleared(cache: Path, tmp_path: Path) -> None:
    assert "0 tracks" in call("cache", cwd=tmp_path).stdout
    assert call("cache", "clear", cwd=tmp_path).stdout == "removed 0 bytes: the analyses of 0 tracks\n"
    assert not cache.exists()


def test_what_is_in_use_stays(cache: Path, held: list[Held], tmp_path: Path) -> None:
    held[0].close()
    done = call("cache", "clear", cwd=tmp_path)
    assert "the analyses of 1 track; 1 in use stayed" in done.stdout
    assert [one.folder.exists() for one in held] == [False, True]
    assert hashstore.Store(filehashes.store_path(cache)).count() == 0
    assert (cache / "taichi-1.7-0123abcd").exists()
    held[1].close()
    call("cache", "clear", "--kernels", cwd=tmp_path)
    assert cachereport.look().bytes == cachereport.look().hash_bytes
    assert not (cache / "taichi-1.7-0123abcd").exists()
    assert strangers(cache)


@pytest.mark.parametrize(
    ("options", "there"),
    [
        (("--older-than", "30d"), [False, True]),
        (("--older-than", "2w"), [False, False]),
        (("--older-than", "1000h"), [True, True]),
        (("--keep", "1GB"), [True, True]),
        (("--keep", "45kB"), [False, True]),
        (("--keep", "0"), [False, False]),
        (("--keep", "1GB", "--older-than", "30d"), [False, True]),
    ],
)
def test_conditions(cache: Path, held: list[Held], tmp_path: Path, options: tuple[str, ...], there: list[bool]) -> None:
    for one in held:
        one.close()
    assert call("cache", "clear", *options, cwd=tmp_path).returncode == 0
    assert [one.folder.exists() for one in held] == there
    assert hashstore.Store(filehashes.store_path(cache)).count() > 0
    assert strangers(cache)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--older-than", "30"), "--older-than: '30' is not a time span"),
        (("--older-than", "-1d"), "--older-than: '-1d' is not a time span"),
        (("--keep", "much"), "--keep: 'much' is not a size"),
    ],
)
def test_wrong_options(cache: Path, tmp_path: Path, options: tuple[str, ...], message: str) -> None:
    done = call("cache", "clear", *options, cwd=tmp_path)
    assert done.returncode == 2
    assert f"error: {message}\nhint: " in done.stderr


def test_a_wrong_limit_is_told(cache: Path, tmp_path: Path) -> None:
    done = call("cache", cwd=tmp_path, env={"TRACKREEL_CACHE_SIZE": "much"})
    assert (done.returncode, done.stdout) == (2, "")
    assert "error: TRACKREEL_CACHE_SIZE: 'much' is not a size" in done.stderr


def test_ages() -> None:
    assert [cachereport.parse_age(one, "x") for one in ("90s", "1.5 h", "2w")] == [90, 5400, 1209600]
    with pytest.raises(InputError, match="x: 'soon'"):
        cachereport.parse_age("soon", "x")


def test_doctor_looks_at_the_folder(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctor._cache().state == doctor.OK
    assert not cache.exists()
    cache.write_text("a file where the folder should be")
    assert doctor._cache().state == doctor.WARN
    monkeypatch.setenv("TRACKREEL_CACHE_SIZE", "much")
    assert doctor._cache().state == doctor.FAIL
