"""Where ci/bench/contact.py looks, and how it lays out what it saw."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
from PIL import Image

from tests.ci.scripts import load
from tests.engine.timelines import make_timeline

contact = load("bench/contact")


def test_four_moments() -> None:
    """Silence until 4 s, then quiet until 10 s, then loud; many onsets at 15 s."""
    plain = make_timeline(
        20.0,
        Fraction(30),
        rms=lambda t: np.select([t < 4.0, t < 10.0, t < 17.0], [0.0, 0.2, 0.6], 0.7),
        lufs=lambda t: np.where(t < 4.0, -70.0, -20.0),
        energy=lambda t: np.where(t < 10.0, 0.2, 0.9),
    )
    onsets = np.array([1.0, 6.0, 12.0, 15.0, 15.2, 15.4, 15.9, 18.0])
    found = contact.moments(replace(plain, onsets=onsets))
    assert 4 * 30 <= found["quiet"] < 10 * 30
    assert 6 * 30 <= found["build"] < 10 * 30
    assert found["loud"] >= 17 * 30
    assert found["percussive"] == round(15.1 * 30)


def test_moments_of_a_short_track_without_onsets() -> None:
    found = contact.moments(replace(make_timeline(0.5, Fraction(30)), onsets=np.zeros(0)))
    assert all(0 <= frame < 15 for frame in found.values())


def test_a_page_has_a_row_a_preset() -> None:
    red, blue = (Image.new("RGB", (64, 36), colour) for colour in ("#ff0000", "#0000ff"))
    page = contact.sheet({"one": [red, blue], "two": [blue, red]}, ["quiet", "loud"], (32, 18))
    assert page.size == (contact.LABEL + 2 * 36, contact.HEAD + 2 * 22)
    left, top = contact.LABEL + 16, contact.HEAD + 9
    assert page.getpixel((left, top)) == page.getpixel((left + 36, top + 22)) == (255, 0, 0)
    assert page.getpixel((left + 36, top)) == (0, 0, 255)
