"""The CSV file, as Python's csv module reads it."""
import csv
import sys

import truth

path, result, comparison = sys.argv[1:4]
known, faults = truth.cases(result, comparison), truth.Faults()
with open(path, encoding="utf-8", newline="") as file:
    rows = list(csv.DictReader(file, strict=True))
faults.expect(len(rows) == len(known), f"{len(rows)} lines of {len(known)} cases")


def number(text):
    return float(text) if text else None


by_name = {truth.shown(name): case for name, case in known.items()}
for row in rows:
    faults.expect(None not in row and None not in row.values(), f"{row}: another number of cells")
    for cell, text in row.items():  # a spreadsheet would run it
        faults.expect(not text.startswith(("=", "+", "@", "\t", "\r")), f"{cell}: a formula: {text}")
        faults.expect(not text.startswith("-") or number(text) is not None, f"{cell}: a formula: {text}")
    name = row["case"][1:] if row["case"][:2] in ("'=", "'+", "'-", "'@") else row["case"]
    case = by_name.get(name)
    if case is None:
        faults.append(f"no case is called {row['case']!r}")
        continue
    faults.expect(truth.near(number(row["median_s"]), case.median_s), f"{name}: median {row['median_s']}, {case.median_s}")
    if case.samples and case.median_s:
        faults.expect(number(row["min_s"]) == min(case.samples), f"{name}: min {row['min_s']}")
        faults.expect(int(row["samples"]) == len(case.samples), f"{name}: samples {row['samples']}")
    if case.verdict:
        faults.expect(row["verdict"] == case.word, f"{name}: {row['verdict']}, not {case.word}")
        for key in ("base_s", "new_s", "ratio", "ratio_low", "ratio_high", "detectable_ratio"):
            faults.expect(number(row[key]) == case.verdict[key], f"{name}: {key} {row[key]}, not {case.verdict[key]}")
faults.end(rows)
