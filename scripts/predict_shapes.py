#!/usr/bin/env python3
"""Predicts our matmul on the problems of `smoke` and on the 33 of `shapes`, beside the vendor's stored times.

  scripts/predict_shapes.py             the table, for an H200, and what it comes to on the H200 and the H100
  scripts/predict_shapes.py --write     the same, into docs/matmul.md

Needs a build with CUDA (build/kernelgate), no GPU. Predicted, not measured; the vendor's times were measured.
"""

import argparse
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "build" / "kernelgate"
PAGE = ROOT / "docs" / "matmul.md"
VENDOR = ROOT / "harness" / "predict" / "vendor"
BEGIN, END = "<!-- predicted: scripts/predict_shapes.py --write -->\n", "<!-- end of predicted -->"
GPUS = ["h200-sxm", "h100-sxm"]


def asked(gpu, suite, problems=".*"):
    """What `kernelgate predict` says of a suite; of all its problems, or of those that match. Its progress is seen."""
    answer = subprocess.run([PROGRAM, "predict", "--gpu", gpu, "--suite", suite, "--op", "matmul", "--filter",
                             f"^matmul/({problems})/ours$", "--json", "--unchecked"], stdout=subprocess.PIPE, text=True)
    if answer.returncode != 0:
        sys.exit(answer.returncode)
    return json.loads(answer.stdout)


def stored(gpu):
    """The problems whose vendor's time is known: elsewhere than on the first GPU nothing else is shown."""
    rows = json.loads((VENDOR / f"{gpu.replace('-', '_')}.json").read_text())["rows"]
    return "|".join(row["problem"].removeprefix("matmul/") for row in rows if row["problem"].startswith("matmul/"))


def problem(case):
    return case["name"].removeprefix("matmul/").removesuffix("/ours")


def us(seconds):
    return f"{seconds * 1e6:.{4 if seconds < 1e-2 else 5}g}"


def limit(case):
    """What the hot time can't go below, and by what: the clock that power leaves, the pipe, or memory."""
    power = sum(launch["power_s"] for launch in case["hot"]["launches"])
    return (power, "power") if power > case["roofline_s"] else (case["roofline_s"], "roofline")


def row(case):
    if "no_ground" in case:
        return f"| {problem(case)} | no prediction: {case['no_ground']} | | | | | |"
    longest = max(case["hot"]["launches"], key=lambda launch: launch["predicted_s"])
    kernel = longest["kernel"].split(":")[0].removeprefix("matmul/")
    if len(case["hot"]["launches"]) > 1:
        kernel += f", {len(case['hot']['launches'])} launches"
    least, by = limit(case)
    vendor = case.get("vendor", {})
    peers = [f"{us(vendor[f'{s}_s'])}: {vendor[f'{s}_ratio']:.2f}" if vendor.get(f"{s}_s") else ""
             for s in ("cold", "hot")]
    return (f"| {problem(case)} | {kernel} | {us(case['cold']['predicted_s'])} | {us(case['hot']['predicted_s'])} | "
            f"{100 * least / case['hot']['predicted_s']:.0f} % ({by}) | {peers[0]} | {peers[1]} |")


def summary(gpu, documents):
    lines = []
    for state in ("cold", "hot"):
        ratios = {}
        for document in documents:
            for case in document["cases"]:
                if case.get("vendor", {}).get(f"{state}_ratio"):
                    ratios[problem(case)] = case["vendor"][f"{state}_ratio"]
        mean = 1.0
        for ratio in ratios.values():
            mean *= ratio ** (1 / len(ratios))
        worst = min(ratios, key=ratios.get)
        lines.append(f"{gpu}, {state}: {len(ratios)} problems with a stored time, geometric mean {mean:.2f}, "
                     f"least {ratios[worst]:.2f} ({worst}).")
    return lines


def report():
    lines = ["| problem | kernel | cold us | hot us | of the limit, hot | vendor cold us: ratio | vendor hot us: ratio |",
             "|---|---|---|---|---|---|---|"]
    ends, seen = [], set()
    for gpu in GPUS:
        problems = ".*" if gpu == GPUS[0] else stored(gpu)
        documents = [asked(gpu, suite, problems) for suite in ("smoke", "shapes")]
        ends += summary(gpu, documents)
        for case in [case for document in documents for case in document["cases"]]:
            if gpu == GPUS[0] and case["name"] not in seen:
                seen.add(case["name"])
                lines.append(row(case))
    return "\n".join(lines + ["", *(end + "  " for end in ends[:-1]), ends[-1]]) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="into docs/matmul.md, between its marks")
    arguments = parser.parse_args()
    if not PROGRAM.exists():
        sys.exit("build/kernelgate is not there; build it: scripts/build")
    text = report()
    if not arguments.write:
        print(text, end="")
        return
    before, rest = PAGE.read_text().split(BEGIN)
    PAGE.write_text(before + BEGIN + text + rest[rest.index(END):])


if __name__ == "__main__":
    main()
