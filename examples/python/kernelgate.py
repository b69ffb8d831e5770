"""Drives the program `kernelgate`: each call is a process of its own, and what it says is JSON.

    import kernelgate
    result = kernelgate.run("--op", "matmul", "--suite", "smoke", program="build/kernelgate")
    for case in kernelgate.cases(result):
        print(case["name"], case["status"], case["median_s"])
"""

import json
import statistics
import subprocess

MEANS = {0: "good", 1: "usage or internal error", 2: "a wrong result", 3: "a confirmed regression", 4: "inconclusive",
         5: "environment refused, or not comparable", 6: "invalid run", 77: "nothing could be measured"}


class KernelgateError(RuntimeError):
    """The program said nothing but why not. `code` is its exit code."""

    def __init__(self, code, text):
        super().__init__(f"exit code {code} ({MEANS.get(code, 'unknown')}): {text}")
        self.code = code


def call(command, *arguments, program="kernelgate", good=(0,)):
    """Runs a command with --json. Returns what it printed, parsed, and its exit code.

    good    exit codes that are no error to you; where a document was printed, no code is one.
    """
    done = subprocess.run([program, command, *map(str, arguments), "--json"], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True)
    try:
        return json.loads(done.stdout), done.returncode
    except ValueError:
        last = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        if done.returncode in good and not done.stdout:
            return None, done.returncode
        raise KernelgateError(done.returncode, last[0]) from None


def run(*arguments, program="kernelgate"):
    """`kernelgate run`: the result document, with the verdicts under "comparison" and the exit code under "exit_code"."""
    document, code = call("run", *arguments, program=program)
    document["exit_code"] = code
    return document


def verify(*arguments, program="kernelgate"):
    """`kernelgate verify`: one dictionary for each proof."""
    return call("verify", *arguments, program=program)[0]["proofs"]


def compare(base, new, *arguments, program="kernelgate"):
    """`kernelgate compare`: the verdicts on two results."""
    return call("compare", base, new, *arguments, program=program)[0]


def cases(result):
    """Of a result document: each case with its samples of all process runs, in seconds, and their median."""
    for case in result["kernelgate"]["cases"]:
        samples = [sample for one in case["runs"] for sample in one["samples_s"]]
        yield {**case, "samples_s": samples, "median_s": statistics.median(samples) if samples else None}
