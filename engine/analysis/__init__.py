"""PCM to features: `analyse` turns a whole track into a Timeline at the video rate.

Features (Timeline.features: float32 [frames] on the 2^-16 grid; row i describes the time i / fps; 0..1 unless said):

    rms         linear, 50 ms, both sides, DC offset taken off; full-scale sine 0.707
    lufs        EBU R128 short-term loudness (3 s centred), LUFS, at least -70
    loudness    lufs relative to the track: 1 at its loudest, 0 at 30 dB under it
    bass        20-150 Hz, amplitude relative to the track's 95th percentile; attack 0.02 s, release 0.25 s
    mid         150-2000 Hz, the same
    treble      2-16 kHz, the same
    centroid    centre of the spectrum on a log-frequency axis: 0 at 30 Hz, 1 at 16 kHz (or Nyquist)
    flux        onset strength relative to the track's strong onsets
    onset       1 on the frame of an onset, then (1 - age / 0.3 s)^2
    beat        1 on the frame of a beat, then (1 - age / 0.5 s)^2
    beat_phase  0 at a beat, rising to 1 at the next; 0 where there are no beats
    bar_phase   0 at a downbeat, rising to 1 four beats later; 0 where there are no beats
    beat_conf   how periodic the music is at the beat; 0 where there are no beats
    tempo       bpm here, 120 where there are no beats
    energy      6 s mean of loudness, stretched between the track's quiet and loud parts
    section     number of the section, counted from 0 (not limited to 1)
    stereo      side / sqrt(mid^2 + side^2): 0 mono, 0.71 unrelated sides, 1 opposite phase

An event at time T belongs to the frame whose interval [i / fps, (i + 1) / fps) holds it; events are known to 0.5 ms,
so one less than that before a frame's start counts as that frame's. Bands and the features from spectra use the mean
of left and right. Decisions (onsets, beats, sections) come from rates of their own and do not depend on fps.
"""

from engine.analysis.pipeline import analyse, frame_count

__all__ = ["FEATURES", "analyse", "frame_count"]

FEATURES = (
    "rms", "lufs", "loudness", "bass", "mid", "treble", "centroid", "flux", "onset", "beat", "beat_phase", "bar_phase",
    "beat_conf", "tempo", "energy", "section", "stereo",
)  # fmt: skip
"""The names of Timeline.features, in order."""
