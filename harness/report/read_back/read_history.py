"""The page of a history, in Chromium without a window, against what `history --json` printed.

    read_history.py PAGE JSON [--bytes B]
"""
import argparse
import json
import os

import chromium
import page_checks
import truth

arguments = argparse.ArgumentParser()
arguments.add_argument("page")
arguments.add_argument("json")
arguments.add_argument("--bytes", type=float, default=0, help="it must be smaller than")
options = arguments.parse_args()
program = chromium.find() or truth.skip("no Chromium is installed (Debian: chromium-headless-shell)")
faults = truth.Faults()
with open(options.json, encoding="utf-8") as file:
    series = {(truth.shown(one["case"]), truth.shown(one["device"])): one for one in json.load(file)["series"]}
several = len({device for _, device in series}) > 1
ROWS = """[...document.querySelectorAll('.cases tbody tr.row')].map((row) => [row.querySelector('.name').textContent,
  row.querySelector('td[data-label="Device"]')?.textContent ?? null, row.querySelector('.chip').textContent, row.querySelector('td[data-label="Change"]').dataset.value ?? null])"""

with chromium.Chromium(program) as browser:
    browser.look()
    took, size = browser.open(options.page), os.path.getsize(options.page)
    print(f"open in {took:.2f} s, {size / 1e6:.2f} MB, {len(series)} series")
    faults.expect(not options.bytes or size < options.bytes, f"{size} bytes")
    browser.evaluate("(() => { const size = document.querySelector('.pager select'); size.value = 500; size.dispatchEvent(new Event('change')); })()")
    rows = []
    while True:
        rows += browser.evaluate(ROWS)
        if browser.evaluate("document.querySelectorAll('.pager button')[2].disabled"):
            break
        browser.evaluate("document.querySelectorAll('.pager button')[2].click()")
    faults.expect(len(rows) == len(series), f"{len(rows)} rows of {len(series)} series")
    only = next(iter(series))[1] if series else None
    for name, device, word, ratio in rows:
        one = series.get((name, device if several else only))
        if one is None:
            faults.append(f"the page has a row of its own: {name!r} {device!r}")
            continue
        faults.expect(word == one["verdict"], f"{name}: {word}, not {one['verdict']}")
        if word not in ("STEADY", "SHORT"):
            faults.expect(truth.near(float(ratio), one["verdict_ratio"]), f"{name}: {ratio}, not {one['verdict_ratio']}")
    browser.evaluate("(() => { const size = document.querySelector('.pager select'); size.value = 50; size.dispatchEvent(new Event('change')); })()")
    page_checks.check_all(browser, faults, True)
faults.end(rows)
