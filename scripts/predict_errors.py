#!/usr/bin/env python3
"""Compares what `kernelgate predict` says with what docs/gpu_figures.md measured, and fits what is fitted.

  scripts/predict_errors.py             every row with its error; each kernel left out of the fit in turn
  scripts/predict_errors.py --write     the same, into the table of docs/predict.md
  scripts/predict_errors.py --public    other people's kernels that are like ours (--write: into its table, too)
  scripts/predict_errors.py --fit       looks for the fitted figures again, on the rows that they were fitted on

Needs a build with CUDA (build/kernelgate), no GPU.
"""

import argparse
import json
import math
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "build" / "kernelgate"
GPUS = {"H200": "h200_sxm", "H100": "h100_sxm"}
FITTED = ("launch_s", "cold_code", "dram_latency")
CODE_CYCLES = (6, 8, 10, 12, 14, 16)
DRAM_CYCLES = (1200, 1300, 1400, 1500, 1600)
LAUNCH_S = [n * 0.05e-6 for n in range(40, 62)]
SHORTEST_REGION_S = 10e-6  # docs/measuring.md: shorter work is launched several times behind one flush
# Rows that run the same kernel: what is left out together.
KERNELS = {
    "matmul, 16-byte rows": ["256x256x256", "512x512x512", "1000x300x512", "16x2112x7168", "b8/128x128x128"],
    "matmul, 2-byte rows": ["255x257x129"],
    "conv2d, small tile": ["n1x56x56x64_k64_1x1", "n1x24x24x64_k64_3x3_p1"],
    "conv2d, narrow tile": ["n1x96x96x16_k32_3x3_s2_p1"],
    "conv2d, narrow tile, gathered": ["n1x96x96x6_k16_7x7_p3"],
    "conv2d, transposed": ["n1x12x12x512_k256_3x3_s2_p1_op1"],
}


# Other people's kernels with the tile and the cluster of sm90a_cooperative's widest, 128x256x64 by two blocks. Nothing was
# fitted to them. (who, M = N = K, seconds, clock where it was locked)
COOPERATIVE = "matmul/f16_nt/{0}x{0}x{0}/sm90a_cooperative"
PUBLIC = [
    ("fast.cu kernels 11 and 12, 4096", 4096, 2 * 4096**3 / 763e12, None),
    ("fast.cu kernels 11 and 12, 8192", 8192, 2 * 8192**3 / 808e12, None),
    ("fast.cu kernel 11, 8192, GH200 at 705 MHz", 8192, 2 * 8192**3 / 349.0e12, 705e6),
    ("fast.cu kernel 12, 8192, GH200 at 705 MHz", 8192, 2 * 8192**3 / 355.0e12, 705e6),
    ("CUTLASS cooperative, 2048", 2048, 46e-6, None),
    ("CUTLASS cooperative, 4096", 4096, 249e-6, None),
    ("CUTLASS cooperative, 8192", 8192, 1716e-6, None),
]


def measured():
    """{GPU: {problem: (cold s, hot s)}} of docs/gpu_figures.md, without mel, which is not predicted."""
    rows, gpu = {}, None
    for line in (ROOT / "docs" / "gpu_figures.md").read_text().splitlines():
        if line.startswith("## "):
            gpu = line[3:].strip()
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if gpu in GPUS and len(cells) == 7 and re.match(r"(matmul|conv2d)/", cells[0]):
            rows.setdefault(gpu, {})[cells[0]] = (float(cells[1]) * 1e-6, float(cells[4]) * 1e-6)
    return rows


def asked(gpu, words, figures):
    """The cases of one answer, with these figures of the GPU instead of its own."""
    document = json.loads((ROOT / "harness" / "predict" / "gpus" / f"{GPUS[gpu]}.json").read_text())
    for name, value in figures.items():
        document["figures"][name]["value"] = value
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(document, file)
        file.flush()
        answer = subprocess.run(
            [PROGRAM, "predict", "--gpu", file.name, "--json", "--unchecked", *words],
            capture_output=True, text=True, check=True)
    return [case for case in json.loads(answer.stdout)["cases"] if "no_ground" not in case]


def predictions(gpu, **figures):
    """{problem: (cold s, hot s)} of one launch by itself, by the kernels that were measured."""
    cases = asked(gpu, ["--op", "matmul", "--op", "conv2d", "--filter", "/sm75_"], figures)
    once = lambda state: sum(launch["predicted_s"] for launch in state["launches"])
    return {case["name"].rsplit("/", 1)[0]: (once(case["cold"]), once(case["hot"]))
            for case in cases}


def public_points():
    """[(who, predicted s, measured s)], hot, on an H100."""
    found = []
    for clock in dict.fromkeys(point[3] for point in PUBLIC):
        figures = {} if clock is None else {"clock_hz": clock, "power_after_s": 1e9}
        sizes = {point[1] for point in PUBLIC if point[3] == clock}
        names = "|".join(COOPERATIVE.format(size) for size in sorted(sizes))
        hot = {case["name"]: case["hot"]["predicted_s"]
               for case in asked("H100", ["--suite", "default", "--op", "matmul", "--filter", f"^({names})$"], figures)}
        found += [(who, hot[COOPERATIVE.format(size)], seconds)
                  for who, size, seconds, at in PUBLIC if at == clock]
    return found


def as_measured(once, launch_s=0.0):
    """A sample's time: the mean of its launches, of which only the first is cold."""
    cold, hot = once[0] + launch_s, once[1] + launch_s
    launches = max(1, math.ceil(SHORTEST_REGION_S / hot))
    return (cold + (launches - 1) * hot) / launches, hot


def errors(rows, figures, tables):
    """Signed errors, cold and hot, of (GPU, problem) rows, with (launch_s, cold_code, dram_latency)."""
    launch_s, code, dram = figures
    result = []
    for gpu, problem in rows:
        predicted = as_measured(tables[gpu, code, dram][problem], launch_s)
        result += [p / m - 1 for p, m in zip(predicted, MEASURED[gpu][problem])]
    return result


def fit(rows, tables):
    """The figures with the least sum of absolute logarithmic errors."""
    candidates = ((launch, code, dram) for code in CODE_CYCLES for dram in DRAM_CYCLES for launch in LAUNCH_S)
    return min(candidates, key=lambda f: sum(abs(math.log1p(e)) for e in errors(rows, f, tables)))


def tables_of(gpus):
    """Predictions without a launch, over the grid of the other two figures."""
    tables = {}
    for gpu in gpus:
        for code in CODE_CYCLES:
            for dram in DRAM_CYCLES:
                tables[gpu, code, dram] = predictions(gpu, launch_s=0, cold_code=code, dram_latency=dram)
        print(f"{gpu}: predicted over the grid", file=sys.stderr)
    return tables


def summary(values):
    return f"median {100 * statistics.median(map(abs, values)):.1f} %, worst {100 * max(values, key=abs):+.1f} %"


def ranks(values):
    order = sorted(range(len(values)), key=values.__getitem__)
    return [order.index(i) for i in range(len(values))]


def rank_correlation(a, b):
    """Spearman's, without ties."""
    n = len(a)
    return 1 - 6 * sum((x - y) ** 2 for x, y in zip(ranks(a), ranks(b))) / (n * (n * n - 1))


def report():
    lines, every = [], {}
    for gpu in MEASURED:
        lines += [f"### {gpu}", "", "| problem | predicted cold | measured | error | predicted hot | measured | error |",
                  "|---|---|---|---|---|---|---|"]
        own = predictions(gpu)
        for problem, found in MEASURED[gpu].items():
            predicted = as_measured(own[problem])
            wrong = [p / m - 1 for p, m in zip(predicted, found)]
            every.setdefault(gpu, []).append((problem, predicted, found, wrong))
            cells = [f"{p * 1e6:.2f} | {m * 1e6:.3g} | {100 * e:+.1f} %" for p, m, e in zip(predicted, found, wrong)]
            lines.append(f"| {problem} | {cells[0]} | {cells[1]} |")
        lines.append("")
    rows = [(gpu, row) for gpu in every for row in every[gpu]]
    fitted = [e for gpu, row in rows if gpu == "H200" and row[0].startswith("matmul") for e in row[3]]
    held_out = [e for gpu, row in rows if gpu != "H200" or not row[0].startswith("matmul") for e in row[3]]
    lines += [f"Rows that were fitted to (matmul, H200): {summary(fitted)}.",
              f"Rows that were not: {summary(held_out)}."]
    for gpu in every:
        for i, state in enumerate(("cold", "hot")):
            value = rank_correlation([row[1][i] for row in every[gpu]], [row[2][i] for row in every[gpu]])
            lines.append(f"Rank correlation over the problems, {gpu} {state}: {value:.2f}.")
    lines += ["", "Each kernel left out of the fit in turn, the fit on the H200's other rows, the errors on both GPUs:", "",
              "| left out | launch us | cold code | DRAM | errors on it |", "|---|---|---|---|---|"]
    tables, left_out = tables_of(MEASURED), []
    of_kernel = lambda problem, kernel: any(problem.endswith("/" + end) for end in KERNELS[kernel])
    for kernel in KERNELS:
        others = [("H200", p) for p in MEASURED["H200"] if not of_kernel(p, kernel)]
        figures = fit(others, tables)
        found = errors([(g, p) for g in MEASURED for p in MEASURED[g] if of_kernel(p, kernel)], figures, tables)
        left_out += found
        lines.append(f"| {kernel} | {figures[0] * 1e6:.2f} | {figures[1]} | {figures[2]} | {summary(found)} |")
    lines += ["", f"All of them: {summary(left_out)}."]
    return "\n".join(lines) + "\n"


def public_report():
    points = public_points()
    wrong = [p / m - 1 for _, p, m in points]
    lines = ["| kernel, M = N = K | predicted us | measured us | error |", "|---|---|---|---|"]
    lines += [f"| {who} | {p * 1e6:.4g} | {m * 1e6:.4g} | {100 * e:+.1f} % |" for (who, p, m), e in zip(points, wrong)]
    ours = [e for (who, _, _), e in zip(points, wrong) if not who.startswith("CUTLASS")]
    others = [e for (who, _, _), e in zip(points, wrong) if who.startswith("CUTLASS")]
    lines += ["", f"Of a kernel that does what ours does (fast.cu): {summary(ours)}.",
              f"Of one that waits for its stores (CUTLASS), so that ours should be quicker: {summary(others)}."]
    return "\n".join(lines) + "\n"


def write(text, mark):
    """Into docs/predict.md, between the mark and its end."""
    page = ROOT / "docs" / "predict.md"
    begin, end = f"<!-- {mark} -->\n", f"<!-- end of {mark.split(':')[0]} -->"
    before, rest = page.read_text().split(begin)
    page.write_text(before + begin + text + rest[rest.index(end):])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="into docs/predict.md, between its marks")
    parser.add_argument("--public", action="store_true", help="other people's kernels that are like ours, alone")
    parser.add_argument("--fit", action="store_true", help="print the figures that fit best")
    arguments = parser.parse_args()
    if not PROGRAM.exists():
        sys.exit("build/kernelgate is not there; build it: scripts/build")
    if arguments.fit:
        rows = [("H200", problem) for problem in MEASURED["H200"] if problem.startswith("matmul")]
        print(dict(zip(FITTED, fit(rows, tables_of(["H200"])))))
        return
    text, mark = ((public_report(), "public: scripts/predict_errors.py --public --write") if arguments.public
                  else (report(), "errors: scripts/predict_errors.py --write"))
    if arguments.write:
        write(text, mark)
    else:
        print(text)


MEASURED = measured()

if __name__ == "__main__":
    main()
