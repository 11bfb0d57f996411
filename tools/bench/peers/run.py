"""One fresh process of a peer: computes or times a pass, by the protocol of ../measure.ts, and prints one line of JSON."""

import gc
import importlib.util
import json
import sys
from importlib.metadata import version
from pathlib import Path
from time import perf_counter_ns

import numpy

here = Path(__file__).parent


def load(script):
    spec = importlib.util.spec_from_file_location("peer", here / f"{script}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def timed(one_pass, n, least_ms):
    """Nanoseconds an op over at least one pass and `least_ms`."""
    start = perf_counter_ns()
    passes = 0
    while True:
        one_pass()
        passes += 1
        elapsed = perf_counter_ns() - start
        if elapsed >= least_ms * 1e6:
            return elapsed / (passes * n)


def measured(one_pass, n, protocol):
    one_pass()
    timed(one_pass, n, protocol["warmMs"])
    return min(timed(one_pass, n, protocol["sampleMs"]) for _ in range(protocol["samples"]))


def main():
    task = json.loads(sys.argv[1])
    folder = Path(task["folder"])
    columns = {file.stem: numpy.fromfile(file, "<f8") for file in folder.glob("*.f64") if file.stem not in ("ours", "theirs")}
    peer = load(task["script"]).prepare(columns, task["variant"])
    if task["kind"] == "check":
        results = numpy.asarray(peer["pass"](), dtype="<f8").reshape(-1)
        results.tofile(folder / "theirs.f64")
        return {"kind": "checked"}
    gc.disable()
    overhead = peer.get("overhead")
    return {
        "kind": "timed",
        "version": version(task["package"]),
        "nsPerOp": measured(peer["pass"], peer["n"], task["protocol"]),
        "overheadNsPerOp": None if overhead is None else measured(overhead, peer["n"], {**task["protocol"], "samples": 1}),
    }


print(json.dumps(main()))
