"""The program as a process: its answer, how far it is, and how it is stopped."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ._binary import program
from ._errors import error_of
from ._progress import Progress, Shown, shown

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_BAR = re.compile(r"[█░▒▓]+ ([\d,]+) of ([\d,]+) ([\w-]+), (\S+) left *(.*)")
_COLUMNS = 160


@dataclass(frozen=True)
class Answer:
    """How the program ended, and what it wrote."""

    status: int
    stdout: str
    stderr: str

    def json(self) -> Any:
        """The answer in JSON of a program that had one."""
        return json.loads(self.stdout)


def ask(
    arguments: Sequence[str | os.PathLike[str]], *, folder: Path | None = None, progress: Progress = False
) -> Answer:
    """Runs the program in a folder and waits for it.

    ``KeyboardInterrupt`` is passed on as ``SIGINT``, at which the program finishes what it is writing; a second one
    ends it at once. Nothing is raised for its exit status.
    """
    display = shown(progress)
    master, stderr = _terminal() if display is not None else (None, subprocess.PIPE)
    process = subprocess.Popen(
        [program(), *arguments],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=stderr,
        env=os.environ | {"NO_COLOR": "1"},
        **_own_group(),
    )
    if master is not None:
        os.close(stderr)
    try:
        return _wait(process, master, display)
    finally:
        if process.poll() is None:
            # A function that is told of progress failed: nobody waits for the program any more.
            process.terminate()
            process.wait()
        if display is not None:
            display.close()


def answer(arguments: Sequence[str | os.PathLike[str]], **options: Any) -> Any:
    """What the program answers in JSON.

    Raises the error of its exit status, unless that is 0.
    """
    said = ask([*arguments, "--json"], **options)
    if said.status != 0:
        raise error_of(said.status, said.stdout, said.stderr)
    return said.json()


def _wait(process: subprocess.Popen[bytes], master: int | None, display: Shown | None) -> Answer:
    """Reads both streams to their ends: one here, where signals arrive, one in a thread."""
    assert process.stdout is not None
    stdout: list[bytes] = []
    reader = threading.Thread(target=lambda out: stdout.append(out.read()), args=(process.stdout,), daemon=True)
    reader.start()
    source = master if master is not None else process.stderr.fileno() if process.stderr else -1
    stderr = Stderr(display)
    interrupts = 0
    while True:
        try:
            stderr.read_all(source)
            process.wait()
            reader.join()
            break
        except KeyboardInterrupt:
            interrupts += 1
            _interrupt(process, interrupts)
    process.stdout.close()
    if process.stderr is not None:
        process.stderr.close()
    if master is not None:
        os.close(master)
    said = Answer(process.returncode, b"".join(stdout).decode(errors="replace"), stderr.text())
    if interrupts:
        stopped = KeyboardInterrupt()
        stopped.add_note(str(error_of(said.status, said.stdout, said.stderr)))
        raise stopped
    return said


class Stderr:
    """What the program says on standard error, its progress apart."""

    def __init__(self, display: Shown | None) -> None:
        self._display = display
        self._lines: list[str] = []
        self._rest = b""

    def read_all(self, source: int) -> None:
        """Reads until the other end is closed."""
        while chunk := _read(source):
            *lines, self._rest = re.split(rb"\r?\n|\r", self._rest + chunk)
            for line in lines:
                self._take(line)
            # The newest state of a bar has no end of line yet.
            self._take(self._rest, whole=False)

    def _take(self, line: bytes, whole: bool = True) -> None:
        text = _ESCAPES.sub("", line.decode(errors="replace")).rstrip()
        bar = _BAR.match(text)
        if bar and self._display is not None:
            done, total = (int(number.replace(",", "")) for number in bar.group(1, 2))
            self._display.update(done, total, bar[3], bar[4], bar[5])
        elif whole and text and not bar:
            self._lines.append(text)

    def text(self) -> str:
        """All that was said, but for progress."""
        self._take(self._rest)
        self._rest = b""
        return "\n".join(self._lines)


def _read(source: int) -> bytes:
    try:
        return os.read(source, 65536)
    except OSError:
        # So a terminal says that its other end is closed.
        return b""


def _terminal() -> tuple[int | None, int]:
    """A terminal for standard error, for the program shows its progress on one alone; else a pipe."""
    if sys.platform == "win32":
        return None, subprocess.PIPE
    import fcntl
    import pty
    import struct
    import termios

    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, _COLUMNS, 0, 0))
    return master, slave


def _own_group() -> dict[str, Any]:
    """A process group of its own: Ctrl-C reaches the program once, from here, and not also from the terminal."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"process_group": 0}


def _interrupt(process: subprocess.Popen[bytes], times: int) -> None:
    if times > 2:
        process.kill()
    elif sys.platform == "win32":
        process.send_signal(signal.CTRL_BREAK_EVENT)
    else:
        process.send_signal(signal.SIGINT)
