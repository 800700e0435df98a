"""Colours of palettes: sRGB texts, linear light, OKLab; float64 with + - * / and roots by Newton steps: no libm."""

from __future__ import annotations

from collections.abc import Sequence

CONES = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
AXES = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)
"""OKLab of linear light: the cube roots of CONES times red, green, blue; AXES times these."""


def linear_from_hex(text: str) -> tuple[float, float, float]:
    """Linear light of an sRGB colour "#rrggbb", each component in 0..1."""
    red, green, blue = (_eotf(int(text[i : i + 2], 16) / 255.0) for i in (1, 3, 5))
    return red, green, blue


def _eotf(v: float) -> float:
    if v <= 0.04045:
        return v / 12.92
    base = (v + 0.055) / 1.055
    return base * base * root(base * base, 5)  # base ** 2.4


def root(x: float, n: int) -> float:
    """The n-th root of x >= 0 by Newton's method, with + - * / alone."""
    if x <= 0.0:
        return 0.0
    y = 1.0
    for _ in range(80):
        power = 1.0
        for _ in range(n - 1):
            power *= y
        y = ((n - 1) * y + x / power) / n
    return y


def oklab(rgb: Sequence[float]) -> tuple[float, float, float]:
    """OKLab of a linear colour (Bjoern Ottosson, "A perceptual color space for image processing", 2020)."""
    r, g, b = rgb
    long, medium, short = (root(x * r + y * g + z * b, 3) for x, y, z in CONES)
    lightness, along, across = (x * long + y * medium + z * short for x, y, z in AXES)
    return lightness, along, across


def linear(lab: Sequence[float]) -> tuple[float, float, float]:
    """The linear colour of an OKLab value: the inverse of `oklab`."""
    lightness, a, b = lab
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def palette_at(colors: Sequence[str], t: float) -> tuple[float, float, float]:
    """The palette's linear colour at t in 0..1, interpolated in OKLab between evenly spaced colours."""
    place = min(max(t, 0.0), 1.0) * (len(colors) - 1)
    k = min(int(place), len(colors) - 2)
    low, high = oklab(linear_from_hex(colors[k])), oklab(linear_from_hex(colors[k + 1]))
    return linear([p + (q - p) * (place - k) for p, q in zip(low, high, strict=True)])


def hex_of(rgb: Sequence[float]) -> str:
    """The sRGB colour "#rrggbb" of linear light; what is outside 0..1 is clipped."""
    return "#" + "".join(f"{int(_oetf(min(max(c, 0.0), 1.0)) * 255.0 + 0.5):02x}" for c in rgb)


def _oetf(c: float) -> float:
    if c <= 0.0031308:
        return 12.92 * c
    base = root(c, 12)
    return 1.055 * base * base * base * base * base - 0.055  # c ** (1 / 2.4)
