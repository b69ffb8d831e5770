#!/usr/bin/env python3
"""Records how a machine's timings vary when nothing changes: a corpus that error rates are measured on.

    scripts/record_noise.py --sessions 30 --every 300 --out FILE.jsonl.gz -- --device cpu --suite smoke --runs 3
    scripts/record_noise.py --pack RESULT.json... --out FILE.jsonl.gz

The first form runs `kernelgate run` (what follows -- are its options) so many times, so many seconds apart; the second
packs results that are there already. A line of the corpus is a JSON object: the first says where it is from, each other
one is a case in one process run: {"case", "session", "utc", "run", "control_s", "samples_s"}; seconds, four digits.
"""
import argparse
import gzip
import json
import pathlib
import subprocess
import sys
import tempfile
import time


def four_digits(seconds):
    return float(f"{seconds:.3e}")


def lower_quartile(values):
    ordered = sorted(values)
    at = 0.25 * (len(ordered) - 1)
    low = int(at)
    return ordered[low] + (at - low) * (ordered[min(low + 1, len(ordered) - 1)] - ordered[low])


def pack(results, out):
    lines, head = [], None
    ordered = sorted(results, key=lambda r: r["kernelgate"]["started_utc"])
    for session, document in enumerate(ordered):
        own = document["kernelgate"]
        if own["status"] != "complete" or own["injection"]:
            sys.exit(f"the result of {own['started_utc']} is {own['status']}{', injected' if own['injection'] else ''}: no noise to learn from")
        if head is None:
            identity = own["fingerprint"]["identity"]
            head = {"corpus": 1, "device": own["device"], "device_kind": own["device_kind"], "build": own["build"]["commit"],
                    "identity": {k: v for k, v in identity.items() if isinstance(v, (str, int))},
                    "first_utc": own["started_utc"], "last_utc": ordered[-1]["kernelgate"]["started_utc"], "sessions": len(ordered)}
        if own["build"]["commit"] != head["build"] or own["device"] != head["device"]:
            sys.exit(f"the result of {own['started_utc']} is of another build or device")
        for case in own["cases"]:
            if case["status"] != "measured":
                sys.exit(f"{case['name']} of {own['started_utc']} is {case['status']}")
            for run in case["runs"]:
                line = {"case": case["name"], "session": session, "utc": own["started_utc"], "run": run["run"],
                        "samples_s": [four_digits(s) for s in run["samples_s"]]}
                if run.get("control_s"):
                    line["control_s"] = four_digits(lower_quartile(run["control_s"]))
                if run.get("sm_clock_hz"):
                    line["sm_clock_hz"] = lower_quartile(run["sm_clock_hz"])
                lines.append(line)
    with open(out, "wb") as raw, gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=9, mtime=0) as packed:
        for line in [head, *lines]:
            packed.write((json.dumps(line, separators=(",", ":")) + "\n").encode())
    print(f"{out}: {head['sessions']} sessions, {len(lines)} runs of cases, {pathlib.Path(out).stat().st_size / 1e6:.2f} MB")


def record(arguments):
    program = pathlib.Path(__file__).resolve().parent.parent / "build" / "kernelgate"
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for session in range(arguments.sessions):
            out = pathlib.Path(folder) / f"{session}.json"
            begin = time.monotonic()
            subprocess.run([program, "run", *arguments.options, "--out", out, "--baselines", folder], check=False)
            if out.exists():
                results.append(json.loads(out.read_text()))
            if session + 1 < arguments.sessions:
                time.sleep(max(0, arguments.every - (time.monotonic() - begin)))
    if not results:
        sys.exit("nothing was recorded")
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=30)
    parser.add_argument("--every", type=float, default=300, help="seconds")
    parser.add_argument("--out", required=True)
    parser.add_argument("--pack", nargs="+", metavar="RESULT")
    parser.add_argument("options", nargs="*")
    arguments = parser.parse_args()
    results = [json.loads(pathlib.Path(p).read_text()) for p in arguments.pack] if arguments.pack else record(arguments)
    pack(results, arguments.out)


if __name__ == "__main__":
    main()
