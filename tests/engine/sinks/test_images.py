from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.errors import EncodeError, InputError, OutputError
from engine.sinks.images import ImageSink, check_folder, write_png
from tests.engine.sinks.video import CANVAS, frames


def test_every_frame_is_one_opaque_png_with_its_pixels(tmp_path: Path) -> None:
    wanted = frames(6)
    sink = ImageSink(CANVAS, 6, tmp_path / "seq")
    for frame in wanted:
        sink.write(frame)
        assert not (tmp_path / "seq").exists()
    result = sink.finish()
    names = sorted(one.name for one in (tmp_path / "seq").iterdir())
    assert names == [f"{index:06d}.png" for index in range(6)]
    assert result.frames == 6
    assert result.bytes == sum((tmp_path / "seq" / name).stat().st_size for name in names)
    for name, frame in zip(names, wanted, strict=True):
        with Image.open(tmp_path / "seq" / name) as image:
            assert image.mode == "RGB"
            assert image.info["srgb"] == 0
            assert np.array_equal(np.asarray(image), frame[..., :3])
    assert [one.name for one in tmp_path.iterdir()] == ["seq"]


def test_too_few_frames_and_abort_leave_nothing(tmp_path: Path) -> None:
    sink = ImageSink(CANVAS, 2, tmp_path / "seq")
    sink.write(frames(1)[0])
    with pytest.raises(EncodeError, match="1 frames instead of 2"):
        sink.finish()
    assert not list(tmp_path.iterdir())


def test_a_folder_with_other_files_is_never_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "seq"
    check_folder(folder, overwrite=False)
    folder.mkdir()
    check_folder(folder, overwrite=False)
    (folder / "000000.png").write_bytes(b"")
    with pytest.raises(InputError, match="the output exists"):
        check_folder(folder, overwrite=False)
    check_folder(folder, overwrite=True)
    (folder / "letter.txt").write_bytes(b"")
    with pytest.raises(InputError, match="holds other files"):
        check_folder(folder, overwrite=True)


def test_an_old_sequence_is_replaced(tmp_path: Path) -> None:
    for count in (3, 2):
        sink = ImageSink(CANVAS, count, tmp_path / "seq")
        for frame in frames(count):
            sink.write(frame)
        sink.finish()
    assert len(list((tmp_path / "seq").iterdir())) == 2


def test_one_picture(tmp_path: Path) -> None:
    frame = frames(1)[0]
    size = write_png(frame, tmp_path / "still.png")
    assert size == (tmp_path / "still.png").stat().st_size
    with Image.open(tmp_path / "still.png") as image:
        assert np.array_equal(np.asarray(image), frame[..., :3])
    with pytest.raises(OutputError, match="cannot write"):
        write_png(frame, tmp_path / "no" / "still.png")


def test_a_disk_that_fails_in_mid_run_is_an_output_error(tmp_path: Path) -> None:
    sink = ImageSink(CANVAS, 50, tmp_path / "seq")
    sink.write(frames(1)[0])
    (tmp_path / ".seq.part").rename(tmp_path / "elsewhere")
    with pytest.raises(OutputError, match="cannot write"):
        fill(sink, 49)
    assert [one.name for one in tmp_path.iterdir()] == ["elsewhere"]


def fill(sink: ImageSink, count: int) -> None:
    for frame in frames(count):
        sink.write(frame)
    sink.finish()
