"""What a report must say, taken from the documents that it was made of, and how a check ends.

Every reader here is called with FILE RESULT COMPARISON: the report, the result document, what `compare --json` printed
('-' for none). It ends with 0, with 1 and what is wrong, or with 77 and why it could not look.
"""
import json
import statistics
import sys


class Case:
    def __init__(self, measured, verdict):
        self.measured, self.verdict = measured or {}, verdict
        self.name = (measured or verdict)["name"]
        runs = [run["samples_s"] for run in self.measured.get("runs", []) if run["samples_s"]]
        self.samples = [sample for run in runs for sample in run]
        is_measured = self.measured.get("status") == "measured" and runs
        self.median_s = statistics.median(map(statistics.median, runs)) if is_measured else None

    @property
    def word(self):
        if self.verdict:
            return "WRONG" if self.verdict["wrong"] else self.verdict["verdict"]
        return self.measured["status"].upper()


def cases(result_path, comparison_path):
    """By name, in no order."""
    with open(result_path, encoding="utf-8") as file:
        measured = {one["name"]: one for one in json.load(file)["kernelgate"]["cases"]}
    verdicts = {}
    if comparison_path != "-":
        with open(comparison_path, encoding="utf-8") as file:
            verdicts = {one["name"]: one for one in json.load(file)["cases"]}
    return {name: Case(measured.get(name), verdicts.get(name)) for name in {**measured, **verdicts}}


def shown(text):
    """As a person is shown it: on one line, what can't be seen as \\xNN."""
    made = ""
    for character in text:
        code = ord(character)
        unseen = (code < 0x20 or 0x7f <= code < 0xa0 or 0x200b <= code <= 0x200f or 0x2028 <= code <= 0x202e or
                  0x2060 <= code <= 0x206f or code == 0xfeff)
        if character == "\n":
            made += "\\n"
        elif unseen:
            made += "".join(f"\\x{byte:02x}" for byte in character.encode())
        else:
            made += character
    return made


def near(a, b):
    if a is None or b is None:
        return a is None and b is None
    return abs(a - b) <= 1e-12 * max(abs(a), abs(b))


class Faults(list):
    def expect(self, holds, text):
        if not holds:
            self.append(text)

    def end(self, looked_at):
        if not looked_at:
            self.append("nothing was looked at")
        for fault in self[:20]:
            print(fault)
        sys.exit(1 if self else 0)


def skip(reason):
    print(reason)
    sys.exit(77)
