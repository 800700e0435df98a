"""Logos and cover art: PNG, JPEG and WebP of bounded size -> pixels. Files come from strangers."""

from __future__ import annotations

import io
import warnings

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from engine.errors import InputError

FORMATS = ("PNG", "JPEG", "WEBP")
MAX_BYTES = 20 << 20
MAX_PIXELS = 25_000_000
"""A picture of 100 MB once it is unpacked: 5000 x 5000."""
_SAVE = "save it again as PNG, JPEG or WebP"


def check_size(size: int, name: str) -> None:
    """Raise InputError for a file of more than MAX_BYTES."""
    if size > MAX_BYTES:
        raise InputError(f"{name} has {size / 2**20:.0f} MB; pictures may have {MAX_BYTES >> 20}", "save it smaller")


def read(data: bytes, name: str) -> Image.Image:
    """The picture in a file as RGBA, upright. `name` is what messages call it. Raises InputError."""
    check_size(len(data), name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                width, height = image.size
                if width * height > MAX_PIXELS:
                    raise InputError(*_too_many(name, f"{width} x {height}"))
                image.load()
                return ImageOps.exif_transpose(image).convert("RGBA")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise InputError(*_too_many(name, "far too many")) from error
    except UnidentifiedImageError as error:
        raise InputError(f"{name} is no PNG, JPEG or WebP picture", _SAVE) from error
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, MemoryError) as error:
        raise InputError(f"{name} is damaged: {error}", f"fetch it again, or {_SAVE}") from error


def _too_many(name: str, pixels: str) -> tuple[str, str]:
    return f"{name} has {pixels} pixels; pictures may have {MAX_PIXELS // 10**6} million", "save it smaller"


def fitted(size: tuple[int, int], width: int, height: int) -> tuple[int, int]:
    """The largest size of these proportions in width x height, 1 pixel at least."""
    scale = min(width / size[0], height / size[1])
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def scaled(image: Image.Image, width: int, height: int) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
    """The picture at another size: uint8 [height, width, 3], and its alpha uint16 [height, width], 0..256.

    Bicubic, in Pillow's whole numbers: its coefficients need no sines, which differ between machines. What is
    transparent has no colour that could show at its edges.
    """
    small = np.asarray(image.convert("RGBa").resize((width, height), Image.Resampling.BICUBIC))
    alpha = small[..., 3].astype(np.uint32)
    straight = np.minimum(small[..., :3].astype(np.uint32) * 255 // np.maximum(alpha, 1)[..., None], 255)
    return straight.astype(np.uint8), ((alpha * 256 + 127) // 255).astype(np.uint16)
