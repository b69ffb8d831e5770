#!/usr/bin/env python3
"""Asks NVIDIA's own model, nvMatmulHeuristics, about our problems, and prints its times beside ours and the measured.

  scripts/predict_peer.py                      matmul of the default suite, on an H200
  scripts/predict_peer.py --gpu h100-sxm --suite smoke --write FILE.md

Its wheel, nvidia-matmul-heuristics, is under NVIDIA's licence: it is installed into build/peer-venv and run there, never
linked and never copied. Where it can't be installed, this says so and ends with 77. Needs a build with CUDA
(build/kernelgate), no GPU.
"""

import argparse
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "build" / "kernelgate"
VENV = ROOT / "build" / "peer-venv"
WHEEL = "nvidia-matmul-heuristics"
GPUS = {"h200-sxm": "H200_SXM", "h100-sxm": "H100_SXM", "a100-sxm": "A100_SXM_80GB", "rtx4090": "RTX_4090"}
NOT_THERE = 77


def install():
    """The interpreter that has the wheel. Ends the program where it can't be had."""
    python = VENV / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
    answer = subprocess.run([python, "-m", "pip", "install", "--quiet", WHEEL], capture_output=True, text=True)
    if answer.returncode != 0:
        last = (answer.stderr.strip().splitlines() or ["pip failed"])[-1]
        print(f"{WHEEL} can't be installed: {last}", file=sys.stderr)
        sys.exit(NOT_THERE)
    return python


def ask(gpu, problems):
    """In the wheel's own interpreter: {name: seconds}, of its first choice for each problem."""
    answer = subprocess.run([install(), __file__, "--inside", GPUS[gpu]], input=json.dumps(problems), text=True,
                            capture_output=True)
    if answer.returncode != 0:
        sys.exit(f"{WHEEL} failed: {answer.stderr.strip().splitlines()[-1:]}")
    return json.loads(answer.stdout)


def inside(gpu):
    import nvMatmulHeuristics as heuristics

    layouts = {"nn": heuristics.NvMatmulHeuristicsMatmulLayout.NN_ROW_MAJOR,
               "nt": heuristics.NvMatmulHeuristicsMatmulLayout.NT_ROW_MAJOR,
               "tn": heuristics.NvMatmulHeuristicsMatmulLayout.TN_ROW_MAJOR,
               "tt": heuristics.NvMatmulHeuristicsMatmulLayout.TT_ROW_MAJOR}
    model = heuristics.NvMatmulHeuristicsInterface(
        heuristics.NvMatmulHeuristicsTarget.CUTLASS3, precision="HSH",
        flags=heuristics.NvMatmulHeuristicsFlags.PERF_MODEL_BASED_AUTO_TUNING)
    hardware = model.createHardwareDescriptor()
    model.setHardwarePredefinedGpu(hardware, getattr(heuristics.NvMatmulHeuristicsNvidiaGpu, gpu))
    times = {}
    for name, (layout, m, n, k, batch) in json.load(sys.stdin).items():
        found = model.get(model.makeNvMatmulHeuristicsProblem(m, n, k, layouts[layout], batch), 1, hardware)
        if found:
            times[name] = found[0]["runtime"]
    json.dump(times, sys.stdout)


def shape(name):
    """"matmul/f16_nt/b8/128x128x128/ours" to (layout, M, N, K, batch)."""
    parts = name.split("/")
    batch = int(parts[2][1:]) if len(parts) == 5 else 1
    return (parts[1].removeprefix("f16_"), *map(int, parts[-2].split("x")), batch)


def measured(gpu):
    path = ROOT / "harness" / "predict" / "vendor" / f"{gpu.replace('-', '_')}.json"
    rows = json.loads(path.read_text())["rows"] if path.exists() else []
    return {row["problem"]: row["hot_us"] for row in rows}


def table(gpu, suite):
    answer = subprocess.run([PROGRAM, "predict", "--gpu", gpu, "--suite", suite, "--op", "matmul", "--filter", "/ours$",
                             "--json", "--unchecked"], capture_output=True, text=True, check=True)
    cases = [case for case in json.loads(answer.stdout)["cases"] if "no_ground" not in case]
    theirs = ask(gpu, {case["name"]: shape(case["name"]) for case in cases})
    vendor = measured(gpu)
    lines = ["| problem | ours, predicted hot us | NVIDIA's model us | vendor, measured hot us |", "|---|---|---|---|"]
    for case in cases:
        problem = case["name"].rsplit("/", 1)[0]
        known = f"{vendor[problem]:.3g}" if problem in vendor else ""
        peer = f"{theirs[case['name']] * 1e6:.4g}" if case["name"] in theirs else "no answer"
        lines.append(f"| {problem} | {case['hot']['predicted_s'] * 1e6:.4g} | {peer} | {known} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gpu", choices=sorted(GPUS), default="h200-sxm")
    parser.add_argument("--suite", default="default")
    parser.add_argument("--write", type=pathlib.Path, help="the table into a file")
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.inside:
        return inside(arguments.inside)
    if not PROGRAM.exists():
        sys.exit("build/kernelgate is not there; build it: scripts/build")
    text = table(arguments.gpu, arguments.suite)
    if arguments.write:
        arguments.write.write_text(text)
    else:
        print(text, end="")


if __name__ == "__main__":
    main()
