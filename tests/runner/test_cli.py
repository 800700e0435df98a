"""The command line itself: what it loads, how it words errors, and that every command explains itself."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine import ffmpeg
from tests.trackreel import ROOT, call, environment

COMMANDS = [
    "bench",
    "cache",
    "doctor",
    "export",
    "export-plan",
    "init",
    "plan",
    "presets",
    "run",
    "schema",
    "still",
    "validate",
]


def test_help_loads_nothing_heavy() -> None:
    script = (
        "import sys; from runner.cli import main; main(['--help']);"
        "heavy = {'numpy', 'taichi', 'rich', 'jsonschema', 'soundfile', 'yaml', 'av', 'PIL'} & set(sys.modules);"
        "sys.exit(f'loaded {sorted(heavy)}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert all(name in done.stdout for name in COMMANDS)


@pytest.mark.parametrize("command", [one for one in COMMANDS if one != "doctor"])
def test_every_command_has_help_with_examples(command: str, tmp_path: Path) -> None:
    done = call(command, "--help", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"trackreel {command}" in done.stdout.partition("Examples:")[2]


def test_the_version_is_printed(tmp_path: Path) -> None:
    done = call("--version", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith("trackreel ")


def test_presets_with_q_are_names_alone(tmp_path: Path) -> None:
    names = call("presets", "-q", cwd=tmp_path).stdout.split()
    assert names[0] == "aurora"
    assert len(names) >= 6
    assert call("-q", "presets", cwd=tmp_path).stdout.split() == names
    shown = call("presets", "show", names[1], cwd=tmp_path).stdout
    assert names[1] in shown
    assert ".." in shown.partition("parameters:")[2]


def test_palettes_are_listed_and_a_new_preset_says_what_comes_next(tmp_path: Path) -> None:
    rows = call("presets", "palettes", cwd=tmp_path).stdout.splitlines()
    assert rows[0] == "ember      #050203 #4a0a12 #c2331b #ff9a3a #fff0c2  glowing coal"
    assert [row.split()[0] for row in rows] == call("presets", "palettes", "-q", cwd=tmp_path).stdout.split()
    made = call("presets", "new", "mine", "--from", "aurora", cwd=tmp_path)
    assert made.stdout == "mine.yaml\n"
    assert made.stderr.startswith("next: ")
    assert "trackreel still --preset ./mine.yaml" in made.stderr
    for wrong in (("new",), ("new", "mine"), ("show", "aurora", "--from", "warp"), ("new", "other", "--from", "warpp")):
        assert call("presets", *wrong, cwd=tmp_path).returncode == 2


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "runner", "schema", "job"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait() == 0


def test_schemas_are_printed_and_unknown_ones_refused(tmp_path: Path) -> None:
    assert '"$schema"' in call("schema", "job", cwd=tmp_path).stdout
    done = call("schema", "jbo", cwd=tmp_path)
    assert done.returncode == 2
    assert "job" in done.stderr


def test_init_writes_a_job_that_names_its_schema(tmp_path: Path) -> None:
    assert call("init", cwd=tmp_path).returncode == 0
    text = (tmp_path / "job.yaml").read_text()
    assert "$schema=job.schema.json" in text
    assert (tmp_path / "job.schema.json").is_file()
    (tmp_path / "song.flac").write_bytes(b"")
    done = call("validate", "job.yaml", cwd=tmp_path)
    assert "job.yaml:6:11: " in done.stderr  # the track is empty, and that is all there is to say
    assert len([one for one in done.stderr.splitlines() if one.startswith("job.yaml:")]) == 1
    assert call("init", cwd=tmp_path).returncode == 2


def test_every_error_of_every_job_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("version: 1\naudio: {source: none.wav}\nvidoe: {}\n")
    (tmp_path / "b.yaml").write_text("version: 1\naudio: {source: none.wav}\nseed: -1\n")
    for command in ("validate", "run", "plan"):
        done = call(command, "a.yaml", "b.yaml", cwd=tmp_path)
        assert done.returncode == 2
        for words in ("a.yaml:2:", "a.yaml:3:1: ", "did you mean 'video'", "b.yaml:3:"):
            assert words in done.stderr, (command, done.stderr)
    assert not (tmp_path / "out").exists()


def test_an_internal_error_is_worded_and_v_shows_its_traceback(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    from runner import cli, preset

    monkeypatch.setattr(preset, "names", lambda: 1 / 0)
    assert cli.main(["presets"]) == 1
    shown = capsys.readouterr().err
    assert shown.startswith("error: internal: ZeroDivisionError")
    assert "hint: " in shown
    assert "Traceback" not in shown
    assert cli.main(["-v", "presets"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_the_ffmpeg_option_names_the_program_and_a_wrong_one_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "song.wav").write_bytes((ROOT / "jobs/assets/demo.wav").read_bytes())
    (tmp_path / "j.yaml").write_text("version: 1\naudio: {source: song.wav}\n")
    link = tmp_path / "my ffmpeg"
    link.symlink_to(ffmpeg.find())
    for words in (["export", "--audio", "song.wav", "--out", "o.mp4"], ["run", "j.yaml"]):
        done = call(*words, "--dry-run", "--ffmpeg", "./my ffmpeg", cwd=tmp_path, env={ffmpeg.VARIABLE: "/none"})
        assert done.stdout.startswith(f"'{link}' "), done.stderr
        done = call(*words, "--dry-run", "--ffmpeg", "/none/ffmpeg", cwd=tmp_path)
        assert done.returncode == 3
        assert "--ffmpeg names '/none/ffmpeg'" in done.stderr


def test_set_cannot_name_a_program_either(tmp_path: Path) -> None:
    (tmp_path / "j.yaml").write_text("version: 1\naudio: {source: none.wav}\n")
    done = call("run", "j.yaml", "--set", "encode.ffmpeg=/bin/sh", cwd=tmp_path)
    assert done.returncode == 2
    assert "'encode.ffmpeg' is not a key that can be set" in done.stderr
    assert "TRACKREEL_FFMPEG" in done.stderr


def test_no_command_shows_the_help_and_is_an_error(tmp_path: Path) -> None:
    done = call(cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("Usage: trackreel ")


def test_runs_jobs_of_kind_verify(tmp_path: Path) -> None:
    (tmp_path / "song.wav").write_bytes((ROOT / "jobs/assets/demo.wav").read_bytes())
    (tmp_path / "v.yaml").write_text("version: 1\nkind: verify\naudio: {source: song.wav}\ngolden: {dir: golden}\n")
    done = call("run", "v.yaml", cwd=tmp_path)
    assert done.returncode == 4
    assert "there is no golden of it" in done.stderr
    assert not (tmp_path / "golden").exists()


INTERRUPTED = {
    # As within the making of a dataclass while modules load: Python would end itself with SIGINT later on.
    "in generated code": ("exec('raise KeyboardInterrupt')", 130, "error: interrupted\n"),
    "at the end": ("atexit.register(os.kill, os.getpid(), signal.SIGINT); return 0", 0, ""),
}


@pytest.mark.parametrize("moment", INTERRUPTED)
def test_ctrl_c_at_odd_moments_ends_in_order(moment: str, tmp_path: Path) -> None:
    code, status, said = INTERRUPTED[moment]
    script = (
        "import atexit, os, signal, sys\nfrom runner import cli, commands\n"
        f"def invoke(_):\n    {code}\n"
        "commands.invoke = invoke\nsys.exit(cli.program())\n"
    )
    (tmp_path / "started.py").write_text(script)
    done = subprocess.run(
        [sys.executable, "-m", "started"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=_usual_ctrl_c,
    )
    assert (done.returncode, done.stderr) == (status, said)


def _usual_ctrl_c() -> None:
    """Whoever runs the tests (nohup, a CI) may have started them with it ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
