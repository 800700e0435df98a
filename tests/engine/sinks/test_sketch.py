from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.errors import EncodeError, InputError
from engine.scene import Canvas
from engine.sinks.sketch import Sketch, SketchSink, block_means, grid, pictured, unpack


def frames(count: int, height: int = 54, width: int = 96) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (count, height, width, 4), np.uint8)


def test_blocks_are_the_means_of_their_pixels() -> None:
    frame = frames(1)[0]
    found = block_means(frame)
    assert found.shape == (9, 16, 4)
    expected = frame[:6, :6, :3].reshape(-1, 3).mean(axis=0)
    assert (np.abs(found[0, 0, :3] - expected) <= 0.5).all()
    expected = frame[-6:, -6:, :3].reshape(-1, 3).mean(axis=0)
    assert (np.abs(found[-1, -1, :3] - expected) <= 0.5).all()


@pytest.mark.parametrize(("width", "height"), [(16, 16), (98, 54), (54, 98), (1000, 17)])
def test_a_changed_bit_shows_in_its_block_alone(width: int, height: int) -> None:
    frame = frames(1, height, width)[0]
    before = block_means(frame)
    assert before.shape[:2] == grid(width, height)
    seen = 0
    for y, x, channel in ((0, 0, 0), (height - 1, width - 1, 2), (height // 2, width // 3, 1)):
        changed = frame.copy()
        changed[y, x, channel] ^= 1
        places = np.argwhere((block_means(changed) != before).any(axis=-1))
        assert len(places) <= 1
        seen += len(places)
    assert seen >= 2  # a checksum of 8 bits may miss one


def test_writes_a_sketch_and_the_pictures(tmp_path: Path) -> None:
    shown = frames(5)
    sink = SketchSink(Canvas(96, 54, Fraction(30)), 5, tmp_path)
    for frame in shown:
        sink.write(frame)
    assert sink.finish().frames == 5
    found = unpack((tmp_path / "sketch.gz").read_bytes())
    assert (found.width, found.height, found.frames) == (96, 54, 5)
    assert (found.blocks[3] == block_means(shown[3])).all()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["000000.png", "000002.png", "000004.png", "sketch.gz"]
    assert (np.asarray(Image.open(tmp_path / "000002.png")) == shown[2][..., :3]).all()
    assert found.pack() == (tmp_path / "sketch.gz").read_bytes()


def test_leaves_nothing_of_too_few_frames(tmp_path: Path) -> None:
    sink = SketchSink(Canvas(96, 54, Fraction(30)), 2, tmp_path)
    sink.write(frames(1)[0])
    with pytest.raises(EncodeError):
        sink.finish()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("cut", [slice(0, 0), slice(0, 40), slice(1, None), slice(0, -9)])
def test_refuses_a_damaged_sketch(cut: slice) -> None:
    data = Sketch(96, 54, np.stack([block_means(one) for one in frames(2)])).pack()
    with pytest.raises(InputError):
        unpack(data[cut])


def test_pictures_first_middle_and_last() -> None:
    assert pictured(1) == (0,)
    assert pictured(2) == (0, 1)
    assert pictured(30) == (0, 15, 29)
