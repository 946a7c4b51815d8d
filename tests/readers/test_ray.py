"""The Ray recipe: two workers on the CPU, of which one is killed in the middle, end in the run that was not cut."""

import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

pytest.importorskip("ray")

ROOT = pathlib.Path(__file__).parents[2]
PATIENTS = "200"
SHARDS = 3
# Of the cohort, 5 arms: seconds for each shard on one thread.
COHORT = ROOT / "cohorts" / "phase1.toml"


@pytest.fixture
def vpop():
    return os.environ["VPOP"]


def tables(run):
    return {path.relative_to(run): path.read_bytes() for path in sorted(run.rglob("*.parquet"))}


def parents_of_a_shard():
    """Processes that started a `vpop run --shard`, by its command line."""
    for process in pathlib.Path("/proc").iterdir():
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
            status = (process / "status").read_text()
        except (OSError, ValueError):
            continue
        if process.name.isdigit() and b"--shard" in words and b"run" in words:
            yield next(int(line.split()[1]) for line in status.splitlines() if line.startswith("PPid:"))


def test_a_gpu_of_ray_is_an_adapter_by_its_bus(tmp_path, monkeypatch):
    listed = "0, GPU-aaaa, 00000000:3B:00.0\n1, GPU-bbbb, 00000000:AF:00.0\n"
    stand_in = tmp_path / "nvidia-smi"
    stand_in.write_text(f"#!/bin/sh\nprintf '{listed}'\n")
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.syspath_prepend(ROOT / "examples" / "ray")
    import shards

    assert [shards.adapter_at(gpu) for gpu in ("1", "GPU-aaaa")] == ["0000:af:00.0", "0000:3b:00.0"]
    with pytest.raises(RuntimeError, match="knows no GPU 7"):
        shards.adapter_at("7")


def test_a_worker_that_is_killed_is_made_good(vpop, tmp_path):
    path = f"{pathlib.Path(vpop).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "RAY_USAGE_STATS_ENABLED": "0"}
    recipe = [sys.executable, ROOT / "examples" / "ray" / "shards.py", COHORT, "-o", tmp_path / "ray"]
    options = ["--shards", str(SHARDS), "--workers", "2", "--cpus", "1", "--", "--patients", PATIENTS]
    log = tmp_path / "log"
    with log.open("w") as out:
        running = subprocess.Popen([*recipe, *options], env=environment, stdout=out, stderr=out)
        killed = False
        while running.poll() is None:
            # The parent is a worker of this very run: its command names our folder.
            for parent in parents_of_a_shard() if not killed else ():
                children = pathlib.Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
                commands = [pathlib.Path(f"/proc/{child}/cmdline").read_bytes() for child in children]
                if any(str(tmp_path).encode() in command for command in commands):
                    os.kill(parent, signal.SIGKILL)
                    killed = True
                    break
            time.sleep(0.02)
    assert running.returncode == 0, log.read_text()
    assert killed, "no worker was seen at work"

    uncut = [vpop, "run", COHORT, "--patients", PATIENTS, "--backend", "cpu", "--simd", "avx2"]
    subprocess.run([*uncut, "-o", tmp_path / "uncut"], check=True, capture_output=True)
    assert tables(tmp_path / "ray" / "whole") == tables(tmp_path / "uncut")
    assert tables(tmp_path / "uncut")
