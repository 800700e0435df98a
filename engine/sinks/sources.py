"""ffmpeg's name of a source's codec, from libsndfile's words for it; `codecs.check` needs it to judge `copy`."""

from __future__ import annotations

from collections.abc import Mapping

_NAMES: Mapping[str, str] = {
    "MPEG_LAYER_I": "mp1", "MPEG_LAYER_II": "mp2", "MPEG_LAYER_III": "mp3", "VORBIS": "vorbis", "OPUS": "opus",
    "ALAC_16": "alac", "ALAC_20": "alac", "ALAC_24": "alac", "ALAC_32": "alac", "ULAW": "pcm_mulaw", "ALAW": "pcm_alaw",
    "PCM_U8": "pcm_u8", "PCM_S8": "pcm_s8",
}  # fmt: skip
_PCM: Mapping[str, str] = {"PCM_16": "s16", "PCM_24": "s24", "PCM_32": "s32", "FLOAT": "f32", "DOUBLE": "f64"}
_BIG_ENDIAN = frozenset({"AIFF", "AU", "CAF"})


def codec_name(codec: str, container: str) -> str:
    """The codec in ffmpeg's words. codec, container: libsndfile's subtype and format ("PCM_16", "FLAC"), or ffmpeg's.

    FLAC's subtype is the depth of its samples, and a WAV's byte order is its container's: hence both. Names that are
    ffmpeg's already come back as they are.
    """
    if container == "FLAC" or (container == "OGG" and codec in _PCM):
        return "flac"
    if codec in _PCM:
        return f"pcm_{_PCM[codec]}{'be' if container in _BIG_ENDIAN else 'le'}"
    return _NAMES.get(codec, codec)
