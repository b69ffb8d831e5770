"""The Markdown, as GitHub's own parser renders it (Debian: cmark-gfm): the tables have the cells that they should, and
nothing in them is markup."""
import html.parser
import shutil
import subprocess
import sys

import truth

if not shutil.which("cmark-gfm"):
    truth.skip("cmark-gfm is not installed")

path, result, comparison = sys.argv[1:4]
known, faults = truth.cases(result, comparison), truth.Faults()
rendered = subprocess.run(["cmark-gfm", "--unsafe", "-e", "table", "-e", "autolink", "-e", "strikethrough", path],
                          check=True, capture_output=True, text=True).stdout


class Tables(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.rows, self.tags, self.text, self.in_cell = [], set(), "", False

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self.in_cell = True

    def handle_endtag(self, tag):
        self.in_cell = self.in_cell and tag not in ("td", "th")

    def handle_data(self, data):
        self.text += data
        if self.in_cell:
            self.rows[-1][-1] += data


tables = Tables()
tables.feed(rendered)
allowed = {"ul", "li", "p", "strong", "h3", "table", "thead", "tbody", "tr", "th", "td", "br", "code"}
faults.expect(tables.tags <= allowed, f"markup out of nowhere: {tables.tags - allowed}")
faults.expect("@" not in tables.text.replace("@\u200b", ""), "somebody would be called")
plain = lambda text: text.replace("\u200b", "").strip()
lengths = {len(row) for row in tables.rows}
faults.expect(len(lengths) == 1, f"rows of {lengths} cells")
seen = {}
for row in tables.rows[1:]:
    seen[plain("/".join(row[:3]))] = row
for name, case in known.items():
    if case.verdict and not case.median_s and case.verdict["new_s"] is None:
        continue  # in a run's report what was not measured is in a list
    label = case.measured.get("label") or (case.verdict or {}).get("label")
    problem, implementation, state = (case.measured or case.verdict)["problem"], (case.measured or case.verdict)["implementation"], (case.measured or case.verdict)["state"]
    key = plain(truth.shown("/".join([f"{problem} ({label})" if label else problem, implementation, state])))
    row = seen.get(key, [])
    # What was not measured has no row; it is in a list, with its reason, and what was skipped by its op and implementation.
    listed = [name, f"{(case.measured or case.verdict)['op']}/{implementation}"]
    if not row and case.measured.get("status") != "measured" and any(plain(truth.shown(one)) in plain(tables.text) for one in listed):
        continue
    faults.expect(row, f"no row {key!r}: {list(seen)[:3]}")
    faults.expect(not case.verdict or any(cell.startswith(case.verdict["verdict"]) for cell in row), f"{name}: {row}")
faults.end(tables.rows)
