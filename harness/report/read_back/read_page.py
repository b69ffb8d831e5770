"""The page, in Chromium without a window: no error in its console, nothing foreign runs, its numbers are the document's,
and it can be sorted, filtered, paged, opened, printed and read on a phone.

    read_page.py PAGE RESULT COMPARISON [--seconds S] [--bytes B] [--screenshots FOLDER]
"""
import argparse
import os
import sys

import chromium
import page_checks
import truth

arguments = argparse.ArgumentParser()
arguments.add_argument("page")
arguments.add_argument("result")
arguments.add_argument("comparison")
arguments.add_argument("--seconds", type=float, default=0, help="it must be open within")
arguments.add_argument("--bytes", type=float, default=0, help="it must be smaller than")
arguments.add_argument("--screenshots")
options = arguments.parse_args()
program = chromium.find() or truth.skip("no Chromium is installed (Debian: chromium-headless-shell)")
known, faults = truth.cases(options.result, options.comparison), truth.Faults()

ROWS = """[...document.querySelectorAll('.cases tbody tr.row')].map((row) => ({
  name: row.querySelector('.name').textContent, chip: row.querySelector('.chip').textContent,
  cells: Object.fromEntries([...row.querySelectorAll('td')].map((cell) => [cell.dataset.label, [cell.dataset.value ?? null, cell.textContent]]))}))"""


def check_numbers(browser):
    """Every row of every page against the documents."""
    browser.evaluate("(() => { const size = document.querySelector('.pager select'); size.value = 500; size.dispatchEvent(new Event('change')); })()")
    rows, pages = [], 0
    while True:
        rows += browser.evaluate(ROWS)
        pages += 1
        if browser.evaluate("document.querySelectorAll('.pager button')[2].disabled"):
            break
        browser.evaluate("document.querySelectorAll('.pager button')[2].click()")
    faults.expect(len(rows) == len(known), f"{len(rows)} rows of {len(known)} cases")
    expected = {}
    for case in known.values():
        words = case.measured or case.verdict
        head = f"{words['op']}/{words['problem']}" if words["problem"] else case.name
        expected.setdefault((truth.shown(head), truth.shown(words["implementation"]), truth.shown(words["state"])), case)
    for row in rows:
        implementation = row["cells"].get("Implementation", [None, ""])[1].removesuffix(" (peer)")
        case = expected.get((row["name"], implementation, row["cells"].get("State", [None, ""])[1]))
        if case is None:
            faults.append(f"the page has a row of its own: {row['name']!r} {implementation!r}")
            continue
        faults.expect(row["chip"] == case.word, f"{case.name}: {row['chip']}, not {case.word}")
        numbers = {"Median": case.median_s, **({} if not case.verdict else {
            "Base": case.verdict["base_s"], "New": case.median_s if case.verdict["new_s"] is None else case.verdict["new_s"], "Change": case.verdict["ratio"]})}
        for column, value in numbers.items():
            if column in row["cells"]:
                shown = row["cells"][column][0]
                faults.expect(truth.near(None if shown is None else float(shown), value), f"{case.name}: {column} {shown}, not {value}")
    browser.evaluate("(() => { const size = document.querySelector('.pager select'); size.value = 50; size.dispatchEvent(new Event('change')); })()")
    return rows


def check_table(browser, rows):
    """It sorts, filters and pages."""
    sort = """(title) => { const button = [...document.querySelectorAll('.cases thead button')].find((one) => one.textContent.startsWith(title)); button.click();
      return [...document.querySelectorAll('.cases tbody tr.row')].map((row) => row.querySelector(`td[data-label="${title}"]`).dataset.value).filter((value) => value !== undefined).map(Number); }"""
    column = "Median" if "Median" in rows[0]["cells"] else "New"
    down, up = browser.evaluate(f"({sort})('{column}')"), browser.evaluate(f"({sort})('{column}')")
    values = sorted(float(row["cells"][column][0]) for row in rows if row["cells"][column][0] is not None)
    faults.expect(down == values[::-1][:50], f"not sorted downwards by {column}")
    faults.expect(up == values[:50], f"not sorted upwards by {column}")
    browser.evaluate(f"({sort})('{column}')")
    word = rows[-1]["cells"].get("Implementation", [None, rows[-1]["name"]])[1].removesuffix(" (peer)").split()[0]
    browser.key("/")
    faults.expect(browser.evaluate("document.activeElement.type") == "search", "'/' does not lead to the filter")
    browser.call("Input.insertText", text=word)
    counted = browser.evaluate("document.querySelector('.count').textContent")
    left = sum(word.lower() in " ".join([row["name"], *(cell[1] for cell in row["cells"].values())]).lower() for row in rows)
    faults.expect(counted.replace(",", "").split()[0] == str(left) or "of" not in counted, f"filter '{word}': {counted}, not {left}")
    browser.evaluate("(() => { const search = document.querySelector('input[type=search]'); search.value = ''; search.dispatchEvent(new Event('input')); })()")


with chromium.Chromium(program) as browser:
    browser.look()
    took = min(browser.open(options.page) for _ in range(3 if options.seconds else 1))
    size = os.path.getsize(options.page)
    print(f"open in {took:.2f} s, {size / 1e6:.2f} MB, {len(known)} cases")
    faults.expect(not options.seconds or took < options.seconds, f"open in {took:.2f} s")
    faults.expect(not options.bytes or size < options.bytes, f"{size} bytes")
    looked_at = check_numbers(browser)
    check_table(browser, looked_at)
    measured = browser.evaluate("document.querySelector('.cases td[data-label=\"Median\"], .cases td[data-label=\"New\"]')?.dataset.value !== undefined")
    page_checks.check_all(browser, faults, measured)
faults.end(looked_at)
