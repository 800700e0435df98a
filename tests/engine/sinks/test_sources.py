from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from engine.sinks.sources import codec_name

KINDS = [
    *[("a.wav", subtype) for subtype in ("PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "PCM_U8", "ULAW")],
    *[(name, subtype) for name in ("a.aiff", "a.flac", "a.w64", "a.au") for subtype in ("PCM_16", "PCM_24")],
    ("a.mp3", "MPEG_LAYER_III"),
    ("a.ogg", "VORBIS"),
    ("a.ogg", "OPUS"),
]


@pytest.mark.parametrize(("name", "subtype"), KINDS)
def test_the_name_is_the_one_that_ffmpeg_uses(tmp_path: Path, name: str, subtype: str) -> None:
    path = tmp_path / name
    soundfile.write(path, np.zeros((4800, 2)), 48000, subtype=subtype)
    info = soundfile.info(path)
    with av.open(str(path)) as file:
        theirs = file.streams.audio[0].codec.canonical_name
    assert codec_name(info.subtype, info.format) == theirs


def test_ffmpegs_own_names_stay() -> None:
    assert codec_name("aac", "mov,mp4,m4a,3gp,3g2,mj2") == "aac"
