from __future__ import annotations

import json
import os
import pickle
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from engine.errors import EncodeError, InputError, MissingError, OutputError, RenderError
from engine.ffmpeg import find
from engine.sinks.command import command
from engine.sinks.ffmpeg import EncodeSettings, FfmpegSink, require_encoders
from engine.sinks.output import partial_path
from tests import fake_ffmpeg
from tests.engine.sinks.video import CANVAS, encode, frames, look, write_sound

FRAME = 36 * 64 * 4
COUNT = 300  # more raw bytes than the pipe holds, so that a dead ffmpeg is met in mid-run


def feed(sink: FfmpegSink, count: int) -> None:
    for frame in frames(count):
        sink.write(frame)
    sink.finish()


CASES = [
    (
        "dies-at-start",
        EncodeError,
        ["failed with status 234", r"before it took a frame|after \d+ of 300 frames were sent", "Invalid argument"],
    ),
    ("dies-in-mid-run", EncodeError, ["failed with status 1", r"after \d+ of 300 frames", "the encoder broke"]),
    ("is-killed", EncodeError, ["killed by SIGKILL", r"after \d+ of 300 frames", "said nothing"]),
    (
        "dies-at-trailer",
        EncodeError,
        ["failed with status 251", "while it completed the file", "Error writing trailer"],
    ),
    ("full-disk-exit-0", OutputError, ["disk full"]),
    ("full-disk-in-mid-run", OutputError, ["disk full"]),
    ("error-exit-0", EncodeError, ["reported an error while it completed", "Something is wrong"]),
    ("silent-failure", EncodeError, ["failed with status 9 while it completed the file, and said nothing"]),
    ("floods-stderr", EncodeError, ["line 0 of a very long complaint"]),
    ("loses-frames", EncodeError, ["would have 100 frames instead of 300"]),
]


@pytest.mark.parametrize(("behaviour", "kind", "words"), CASES, ids=[case[0] for case in CASES])
def test_a_failing_ffmpeg_is_explained_and_leaves_nothing(
    tmp_path: Path, behaviour: str, kind: type[RenderError], words: list[str]
) -> None:
    fake = fake_ffmpeg.make(tmp_path, behaviour, find(), taken=100 * FRAME)
    folder = tmp_path / "out"
    folder.mkdir()
    with pytest.raises(RenderError) as caught:
        encode(folder / "v.mp4", frames(COUNT), None, ffmpeg=fake)
    assert isinstance(caught.value, kind)
    for word in words:
        assert re.search(word, caught.value.message)
    assert caught.value.hint or behaviour == "loses-frames"
    assert "Broken pipe" not in caught.value.message
    assert "0x1" not in caught.value.message
    assert list(folder.iterdir()) == []
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.message, again.hint) == (caught.value.message, caught.value.hint)


def test_what_is_no_error_is_no_error(tmp_path: Path) -> None:
    fake = fake_ffmpeg.make(tmp_path, "chatty-exit-0", find())
    assert encode(tmp_path / "v.mp4", frames(3), None, ffmpeg=fake).frames == 3


@pytest.mark.parametrize("behaviour", ["hangs", "hangs-at-trailer"])
def test_a_hung_ffmpeg_is_given_up_after_the_patience(tmp_path: Path, behaviour: str) -> None:
    fake = fake_ffmpeg.make(tmp_path, behaviour, find())
    with pytest.raises(EncodeError, match="stopped answering"):
        encode(tmp_path / "v.mp4", frames(COUNT), None, ffmpeg=fake, patience=0.3)
    assert [one.name for one in tmp_path.iterdir()] == [fake.name]


def test_abort_kills_a_hung_ffmpeg_and_removes_the_partial_file(tmp_path: Path) -> None:
    fake = fake_ffmpeg.make(tmp_path, "hangs", find())
    out = tmp_path / "v.mp4"
    sink = FfmpegSink(fake, EncodeSettings(threads=1), CANVAS, None, 0, COUNT, out)
    assert partial_path(out).exists()
    sink.write(frames(1)[0])
    process = sink._process
    sink.abort()
    sink.abort()
    assert process.returncode == -9
    assert [one.name for one in tmp_path.iterdir()] == [fake.name]


def test_ffmpeg_stays_in_our_process_group(tmp_path: Path) -> None:
    sink = FfmpegSink(find(), EncodeSettings(threads=1), CANVAS, None, 0, 1, tmp_path / "v.mp4")
    assert os.getpgid(sink._process.pid) == os.getpgrp()
    sink.abort()


def test_fewer_frames_than_announced_are_no_output(tmp_path: Path) -> None:
    sink = FfmpegSink(find(), EncodeSettings(threads=1), CANVAS, None, 0, 5, tmp_path / "v.mp4")
    sink.write(frames(1)[0])
    with pytest.raises(EncodeError, match="would have 1 frames instead of 5"):
        sink.finish()
    assert not list(tmp_path.iterdir())


def test_no_frames_at_all_are_an_error(tmp_path: Path) -> None:
    sink = FfmpegSink(find(), EncodeSettings(threads=1), CANVAS, None, 0, 5, tmp_path / "v.mp4")
    with pytest.raises(EncodeError):
        sink.finish()
    assert not list(tmp_path.iterdir())


def test_audio_that_is_none_is_named_as_the_reason(tmp_path: Path) -> None:
    sound = tmp_path / "no.wav"
    sound.write_bytes(b"this is not audio" * 100)
    with pytest.raises(EncodeError, match="Invalid data found") as caught:
        encode(tmp_path / "v.mp4", frames(COUNT), sound)
    assert "damaged" in caught.value.hint


def test_a_playlist_as_audio_opens_no_other_file(tmp_path: Path) -> None:
    secret = write_sound(tmp_path / "secret.wav", 0.5)
    playlist = tmp_path / "list.wav"
    playlist.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{secret}\n#EXT-X-ENDLIST\n", encoding="utf-8")
    with pytest.raises(EncodeError):
        encode(tmp_path / "v.mp4", frames(COUNT), playlist)
    concat = tmp_path / "list.flac"
    concat.write_text(f"ffconcat version 1.0\nfile {secret.name}\n", encoding="utf-8")
    with pytest.raises(EncodeError):
        encode(tmp_path / "v.mp4", frames(COUNT), concat)


def test_a_real_size_limit_is_reported_as_a_full_disk(tmp_path: Path) -> None:
    limited = tmp_path / "limited"
    limited.write_text(
        f"#!/bin/sh\ncase \"$*\" in *pipe:0*) trap '' XFSZ; ulimit -f 8 ;; esac\nexec '{find()}' \"$@\"\n",
        encoding="utf-8",
    )
    limited.chmod(0o755)
    with pytest.raises(OutputError, match="disk full"):
        encode(tmp_path / "v.mov", frames(60), None, codec="prores", ffmpeg=limited)
    assert [one.name for one in tmp_path.iterdir()] == ["limited"]


def test_a_codec_that_this_ffmpeg_lacks(tmp_path: Path) -> None:
    fake = tmp_path / "old-ffmpeg"
    fake.write_text("#!/bin/sh\necho ' V....D libx264   H.264'\necho ' A....D aac   AAC'\n", encoding="utf-8")
    fake.chmod(0o755)
    require_encoders(fake, EncodeSettings())
    with pytest.raises(MissingError, match=r"cannot encode av1.*libsvtav1") as caught:
        encode(tmp_path / "v.mp4", frames(1), None, codec="av1", ffmpeg=fake)
    assert caught.value.exit_status == 3
    assert "choose another codec" in caught.value.hint
    with pytest.raises(MissingError, match="cannot encode opus"):
        require_encoders(fake, EncodeSettings(audio_codec="opus"))
    assert [one.name for one in tmp_path.iterdir()] == ["old-ffmpeg"]


def test_what_runs_is_what_the_dry_run_shows(tmp_path: Path) -> None:
    fake = fake_ffmpeg.make(tmp_path, "records-arguments", find())
    sound, out = write_sound(tmp_path / "s.wav", 0.5), tmp_path / "v.mp4"
    settings = EncodeSettings(threads=1, speed="ultrafast")
    sink = FfmpegSink(fake, settings, CANVAS, sound, 3, 6, out)
    feed(sink, 6)
    ran = Path(f"{fake}.arguments").read_bytes().rstrip(b"\0").split(b"\0")
    assert [one.decode() for one in ran] == command(fake, settings, CANVAS, sound, 3, 6, out) == sink.command
    json.dumps(sink.command)


def test_an_old_partial_file_is_overwritten_and_a_busy_one_is_not(tmp_path: Path) -> None:
    out = tmp_path / "v.mp4"
    partial_path(out).write_bytes(b"left by a killed run" * 1000)
    first = FfmpegSink(find(), EncodeSettings(threads=1), CANVAS, None, 0, 1, out)
    with pytest.raises(OutputError, match="another run is writing"):
        FfmpegSink(find(), EncodeSettings(threads=1), CANVAS, None, 0, 1, out)
    first.write(frames(1)[0])
    first.finish()
    assert look(out).frames == 1
    assert not partial_path(out).exists()


def test_a_missing_folder_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="No such file or directory"):
        encode(tmp_path / "no" / "v.mp4", frames(1), None)


def test_a_binary_that_cannot_run(tmp_path: Path) -> None:
    broken = tmp_path / "ffmpeg"
    broken.write_bytes(b"\x7fELF broken")
    broken.chmod(0o755)
    with pytest.raises(MissingError, match="cannot run"):
        encode(tmp_path / "v.mp4", frames(1), None, ffmpeg=broken)
    assert [one.name for one in tmp_path.iterdir()] == ["ffmpeg"]


def test_the_encoder_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from tests.engine.sinks.video import *\n"
        f"sink = FfmpegSink(find(), EncodeSettings(threads=1), CANVAS, None, 0, 9, Path({str(tmp_path / 'v.mp4')!r}))\n"
        "sink.write(frames(1)[0]); print(sink._process.pid, flush=True); os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, check=False)
    pid = int(done.stdout)
    for _ in range(100):
        if not _alive(pid):
            break
        time.sleep(0.05)
    assert not _alive(pid)
    assert not (tmp_path / "v.mp4").exists()


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_bad_numbers_are_refused_before_ffmpeg_starts(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="crf 99"):
        encode(tmp_path / "v.mp4", frames(1), None, crf=99)
    assert not list(tmp_path.iterdir())


def test_an_abort_from_another_thread_ends_a_blocked_write(tmp_path: Path) -> None:
    fake = fake_ffmpeg.make(tmp_path, "hangs", find())
    sink = FfmpegSink(fake, EncodeSettings(threads=1), CANVAS, None, 0, COUNT, tmp_path / "v.mp4")
    killer = threading.Timer(0.1, sink.abort)
    killer.start()
    with pytest.raises(EncodeError, match="killed by SIGKILL"):
        feed(sink, COUNT)
    killer.join()
    assert [one.name for one in tmp_path.iterdir()] == [fake.name]
