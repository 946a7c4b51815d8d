"""A run in shards over a Ray cluster, which become one run.

    python examples/ray/shards.py cohorts/phase1.toml -o /shared/phase1 --shards 64 --gpus 1

Every node needs `vpop` on its path, the cohort with its files, and the output folder on a shared file system. A worker
that dies is started again and goes on with its shard. Arguments behind `--` go to `vpop run`, as `-- --seed 7`.

With `--gpus 1` each worker has a GPU to itself. Ray tells which by CUDA's numbers, which Vulkan does not know: the
adapter is named by its PCI bus.
"""

import argparse
import ctypes
import pathlib
import signal
import subprocess
import sys

import ray

PR_SET_PDEATHSIG = 1


def adapter_at(gpu: str) -> str:
    """The PCI bus of the GPU with this number or UUID, as `vpop run --adapter` takes it."""
    query = ["nvidia-smi", "--query-gpu=index,uuid,pci.bus_id", "--format=csv,noheader"]
    listed = subprocess.run(query, check=True, capture_output=True, text=True).stdout
    for line in listed.splitlines():
        index, uuid, bus = (cell.strip() for cell in line.split(","))
        if gpu in (index, uuid):
            # Eight digits of the domain, where others write four.
            return bus[-12:].lower()
    raise RuntimeError(f"nvidia-smi knows no GPU {gpu}")


def engine() -> list[str]:
    """What solves this worker's patients: its GPU if it has one, else the CPU."""
    gpus = ray.get_gpu_ids()
    if gpus:
        return ["--backend", "gpu", "--adapter", adapter_at(str(gpus[0]))]
    # Nodes may differ, and the bytes depend on the instruction set.
    return ["--backend", "cpu", "--simd", "avx2"]


def die_with_the_worker() -> None:
    """A `vpop` that outlived its worker would hold the folder's lock against the next one."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


@ray.remote(max_restarts=-1, max_task_retries=-1)
class Worker:
    def shard(self, arguments: list[str], index: int, of: int, folder: str) -> str:
        """Begins a shard, or goes on with it."""
        command = ["vpop", "run", *arguments, *engine(), "--shard", f"{index}/{of}", "--resume", "-o", folder]
        done = subprocess.run(command, preexec_fn=die_with_the_worker, capture_output=True, text=True)
        # Status 1 says that some patients could not be solved: the run is there, and says so itself.
        if not (pathlib.Path(folder) / "manifest.json").is_file():
            raise RuntimeError(f"{' '.join(command)}\n{done.stderr}")
        return folder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cohort")
    parser.add_argument("-o", "--output", required=True, type=pathlib.Path)
    parser.add_argument("--shards", type=int, default=8)
    parser.add_argument("--workers", type=int, help="at once [default: as many as shards]")
    parser.add_argument("--cpus", type=int, default=1, help="of each worker")
    parser.add_argument("--gpus", type=float, default=0, help="of each worker")
    words = sys.argv[1:]
    own = words.index("--") if "--" in words else len(words)
    options, of_run = parser.parse_args(words[:own]), words[own + 1 :]

    ray.init(log_to_driver=False)
    resources = {"num_cpus": options.cpus, "num_gpus": options.gpus}
    workers = [Worker.options(**resources).remote() for _ in range(options.workers or options.shards)]
    arguments = [str(pathlib.Path(options.cohort).resolve()), "--threads", str(options.cpus), *of_run]
    pool = ray.util.ActorPool(workers)
    output = options.output.resolve()

    def begin(worker, index: int):
        return worker.shard.remote(arguments, index, options.shards, str(output / f"shard-{index}"))

    shards = list(pool.map(begin, range(1, options.shards + 1)))
    subprocess.run(["vpop", "merge", *shards, "-o", str(output / "whole")], check=True)


if __name__ == "__main__":
    main()
