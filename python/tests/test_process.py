"""The program is found, shows how far it is, and is stopped as it stops by itself."""

import signal
import subprocess
import sys
import time
import warnings

import pytest
import vpop
from vpop import _binary, _process, _progress


def script(path, text):
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)
    return path


def test_the_program_is_that_of_the_environment(tmp_path, monkeypatch):
    mine = script(tmp_path / "vpop", f"echo vpop {vpop.__version__}\n")
    monkeypatch.setenv("VPOP", str(mine))
    assert vpop.program() == mine
    monkeypatch.setenv("VPOP", str(tmp_path / "none"))
    with pytest.raises(vpop.ProgramNotFound, match="VPOP names"):
        vpop.program()


def test_the_program_is_beside_the_package_or_on_the_path(tmp_path, monkeypatch):
    monkeypatch.delenv("VPOP", raising=False)
    mine = script(tmp_path / "vpop", f"echo vpop {vpop.__version__}\n")
    monkeypatch.setattr(_binary.sysconfig, "get_path", lambda *_: str(tmp_path))
    assert vpop.program() == mine
    monkeypatch.setattr(_binary.sysconfig, "get_path", lambda *_: str(tmp_path / "none"))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert vpop.program() == mine
    monkeypatch.setenv("PATH", str(tmp_path / "none"))
    with pytest.raises(vpop.ProgramNotFound, match="is not installed"):
        vpop.program()


def test_another_version_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("VPOP", str(script(tmp_path / "other", "echo vpop 99.0.0\n")))
    with pytest.warns(vpop.VpopWarning, match="is version 99.0.0, the Python package"):
        vpop.program()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        vpop.program()


def test_progress_is_told_to_a_function():
    told = []
    vpop.run("cohorts/quickstart.toml", patients=20_000, progress=lambda done, total: told.append((done, total)))
    assert told
    assert {total for _, total in told} <= {0, 20_000}
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_a_function_that_fails_ends_the_run(tmp_path):
    def fail(done, total):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        vpop.run("cohorts/quickstart.toml", patients=300_000, output=tmp_path / "run", progress=fail)
    # Nobody holds the folder any more.
    with pytest.raises(vpop.InputError, match="unfinished|interrupted|resume"):
        vpop.run("cohorts/quickstart.toml", patients=300_000, output=tmp_path / "run")


def test_progress_is_shown_in_a_notebook(monkeypatch):
    shown = []

    class Handle:
        def update(self, page):
            shown.append(page)

    class IPython:
        @staticmethod
        def get_ipython():
            return type("Shell", (), {"kernel": None})()

    class Display:
        HTML = str

        @staticmethod
        def display(page, display_id):
            shown.append(page)
            return Handle()

    monkeypatch.setitem(sys.modules, "IPython", IPython)
    monkeypatch.setitem(sys.modules, "IPython.display", Display)
    monkeypatch.setattr(_progress, "_QUIET_SECONDS", 0)
    vpop.run("cohorts/quickstart.toml", patients=5000)
    assert any("of 5,000 patients" in page for page in shown)
    assert shown[-1] == ""


def test_progress_is_a_line_on_a_terminal(capsys, monkeypatch):
    monkeypatch.setattr(_progress, "_QUIET_SECONDS", 0)
    vpop.run("cohorts/quickstart.toml", patients=5000, progress=True)
    assert "of 5,000 patients" in capsys.readouterr().err


def test_nothing_is_shown_unasked(capfd):
    vpop.run("cohorts/quickstart.toml", patients=20)
    assert capfd.readouterr() == ("", "")


def test_an_interrupted_run_stops_and_is_gone_on_with(tmp_path):
    """A whole Python is interrupted, as by Ctrl-C or a notebook's stop: the part that is being written is finished."""
    output = tmp_path / "run"
    code = f"import vpop; vpop.run('cohorts/quickstart.toml', patients=80_000, threads=1, output={str(output)!r})"
    python = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True)
    parts = output / "parts.jsonl"
    while python.poll() is None and not (parts.is_file() and parts.read_text()):
        time.sleep(0.01)
    python.send_signal(signal.SIGINT)
    said = python.communicate()[1]
    assert "KeyboardInterrupt" in said
    assert "go on with `--resume`" in said
    assert not (output / "manifest.json").exists()
    resumed = vpop.run("cohorts/quickstart.toml", patients=80_000, output=output, existing="resume")
    assert vpop.check(resumed)
    assert len(resumed.patients) == 80_000


def test_a_program_that_another_stops_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setenv("VPOP", str(script(tmp_path / "vpop", 'echo "stopped by SIGTERM" >&2; exit 143\n')))
    with pytest.warns(vpop.VpopWarning), pytest.raises(vpop.StoppedError, match="stopped by SIGTERM"):
        vpop.run("cohorts/quickstart.toml")


def test_what_the_program_says_is_kept(tmp_path, monkeypatch):
    text = r"printf 'one\r\n'; printf '\033[1mtwo\033[0m' >&2; exit 1"
    monkeypatch.setenv("VPOP", str(script(tmp_path / "vpop", text)))
    with pytest.warns(vpop.VpopWarning):
        answer = _process.ask([])
    assert (answer.status, answer.stdout, answer.stderr) == (1, "one\r\n", "two")
