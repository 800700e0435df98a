from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError, OutputError
from engine.sinks.output import Partial, check_output, make_folder, output_error, partial_path


def test_an_existing_output_needs_overwrite(tmp_path: Path) -> None:
    out = tmp_path / "v.mp4"
    check_output(out, overwrite=False)
    out.write_bytes(b"old")
    check_output(out, overwrite=True)
    with pytest.raises(InputError, match="the output exists") as caught:
        check_output(out, overwrite=False)
    assert "--overwrite" in caught.value.hint
    assert caught.value.exit_status == 2


def test_a_pipe_a_device_and_a_folder_are_no_outputs(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    for path in (Path("-"), Path("/dev/null"), tmp_path / "pipe.mp4"):
        with pytest.raises(InputError, match="cannot write to a pipe"):
            check_output(path, overwrite=True)
    read, write = os.pipe()
    with pytest.raises(InputError, match="cannot write to a pipe"):
        check_output(Path(f"/dev/fd/{write}"), overwrite=True)
    os.close(read)
    os.close(write)
    with pytest.raises(InputError, match="is a folder"):
        check_output(tmp_path, overwrite=True)
    with pytest.raises(InputError, match="NUL"):
        check_output(Path("a\0b.mp4"), overwrite=True)


def test_folders_are_made_or_the_reason_is_told(tmp_path: Path) -> None:
    make_folder(tmp_path / "a" / "b" / "v.mp4")
    assert (tmp_path / "a" / "b").is_dir()
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match=r"cannot write .*a file is where a folder must be"):
        make_folder(tmp_path / "file" / "v.mp4")
    with pytest.raises(OutputError, match="Not a directory"):
        check_output(tmp_path / "file" / "v.mp4", overwrite=False)


def test_a_read_only_folder_is_an_output_error(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    folder.chmod(0o500)
    if os.access(folder, os.W_OK):
        pytest.skip("this user may write everywhere (root)")
    with pytest.raises(OutputError, match="Permission denied"):
        Partial(folder / "v.mp4")


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS, errno.ENOSPC, errno.EDQUOT])
def test_system_errors_in_plain_words(tmp_path: Path, code: int) -> None:
    error = output_error(tmp_path / "v.mp4", OSError(code, os.strerror(code)))
    full = code in {errno.ENOSPC, errno.EDQUOT}
    assert error.message.startswith("disk full" if full else "cannot write")
    assert error.hint


def test_a_partial_file_gets_its_name_only_when_it_is_complete(tmp_path: Path) -> None:
    out = tmp_path / "v.mp4"
    partial = Partial(out)
    partial.path.write_bytes(b"123")
    assert not out.exists()
    assert partial.commit() == 3
    partial.discard()
    assert out.read_bytes() == b"123"
    assert [one.name for one in tmp_path.iterdir()] == ["v.mp4"]


def test_a_rename_that_fails_leaves_nothing_half_written(tmp_path: Path) -> None:
    out = tmp_path / "v.mp4"
    partial = Partial(out)
    out.mkdir()
    with pytest.raises(OutputError, match="cannot write"):
        partial.commit()
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("planted", ["link", "dangling link", "pipe"])
def test_what_was_planted_under_the_partial_name_is_replaced_not_followed(planted: str, tmp_path: Path) -> None:
    out, outside = tmp_path / "v.mp4", tmp_path / "outside"
    if planted == "pipe":
        os.mkfifo(partial_path(out))
    else:
        partial_path(out).symlink_to(outside)
    if planted == "link":
        outside.write_bytes(b"precious")
    partial = Partial(out)
    partial.path.write_bytes(b"new")
    partial.commit()
    assert out.read_bytes() == b"new"
    assert not out.is_symlink()
    assert not outside.exists() or outside.read_bytes() == b"precious"


@given(st.text(min_size=1, max_size=300).filter(lambda name: "/" not in name and "\0" not in name))
def test_partial_names_are_hidden_short_enough_and_in_the_same_folder(name: str) -> None:
    try:
        os.fsencode(name)
    except UnicodeEncodeError:
        return
    out = Path("folder") / (name + ".mp4")
    partial = partial_path(out)
    assert partial.parent == out.parent
    assert partial.name.startswith(".")
    assert partial.suffix == ".mp4"
    assert len(os.fsencode(partial.name)) <= 255
