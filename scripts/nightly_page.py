"""The page of a night, in Markdown: the decision first, then what it rests on."""
MEANING = {0: "Nothing got slower.", 2: "A result is WRONG.", 3: "Slower, measured twice.", 4: "Some cases are inconclusive.",
           5: "The machine was refused.", 6: "This night says nothing.", 77: "There is no GPU."}
# A table of all that changed is read by nobody.
MOST_ROWS = 20


def plain(text):
    """No name or message may end a cell or begin a tag."""
    return str(text).replace("\\", "\\\\").replace("|", "\\|").replace("`", "'").replace("<", "&lt;").replace("\n", " ")


def microseconds(seconds):
    return "" if not seconds else f"{seconds * 1e6:.4g}"


def rows(cases):
    text = "| case | base µs | now µs | change | why |\n|---|---:|---:|---:|---|\n"
    for case in sorted(cases, key=lambda case: -(case.get("ratio") or 1))[:MOST_ROWS]:
        change = f"{(case['ratio'] - 1) * 100:+.1f} %" if case.get("ratio") else ""
        text += (f"| {plain(case['name'])} | {microseconds(case.get('base_s'))} | {microseconds(case.get('new_s'))} | {change} "
                 f"| {plain(case.get('attribution') or '')} {plain(case.get('reason') or '')} |\n")
    if len(cases) > MOST_ROWS:
        text += f"\n{len(cases) - MOST_ROWS} more are in the result.\n"
    return text + "\n"


def section(title, cases):
    return f"### {title}\n\n{rows(cases)}" if cases else ""


def blind(cases):
    """A gate that sees nothing stays green: it has to say so."""
    noisy = [case for case in cases if case["verdict"] == "INCONCLUSIVE"]
    if not noisy:
        return ""
    found = sorted(case["detectable_ratio"] - 1 for case in noisy if case.get("detectable_ratio"))
    text = f"{len(noisy)} of {len(cases)} cases are INCONCLUSIVE: too noisy to tell."
    if found:
        text += f" Half of these show a slowdown only from {found[len(found) // 2] * 100:.1f} % on; more process runs (`--runs`) show less."
    return text + "\n\n"


def page(code, document, notes, history, started, arguments):
    comparison = (document or {}).get("comparison") or {}
    cases = comparison.get("cases", [])
    first = code == 0 and all(case["verdict"] in ("NO_BASELINE", "SKIPPED") for case in cases)
    meaning = "There is nothing to compare with yet." if first else MEANING.get(code, "`kernelgate run` could not do its work.")
    text = f"## {meaning}\n\nExit code {code}, night of {started:%Y-%m-%d %H:%M} UTC.\n\n"
    text += "".join(f"- {note}\n" for note in notes) + ("\n" if notes else "")
    slower = [case for case in cases if case["verdict"] == "SLOWER"]
    text += section("Slower", slower)
    text += section("Possibly slower, not confirmed", [case for case in cases if case["verdict"] == "POSSIBLE"])
    text += section("Faster", [case for case in cases if case["verdict"] == "FASTER"])
    text += blind(cases)
    # Code that did not change can't have got slower: what moves here is the machine and its noise.
    same = [case for case in cases if case.get("equal_code") and case.get("ratio") and case["verdict"] != "INVALID"]
    if same:
        moved = [case for case in same if case["verdict"] in ("SLOWER", "FASTER", "POSSIBLE")]
        widest = max(abs(case["ratio"] - 1) for case in same)
        text += (f"### Unchanged code: the noise meter\n\n{len(same)} cases have the same code as the base. {len(moved)} of them "
                 f"have a verdict all the same, and none moved by more than {widest * 100:.1f} %. These are the machine's doing.\n\n")
    if first and document:
        text += ("Accept a night, and later ones are compared with it: `kernelgate baseline accept RESULT --reason 'first night'`, with "
                 f"the newest file in `{plain(arguments.folder)}/results`.\n\n")
    elif comparison:
        text += f"Base: {plain(comparison.get('base', 'none'))}\n\nNow: {plain(comparison.get('new', ''))}\n\n"
        if comparison.get("base_expired"):
            text += "The base is old: accept a new one (`kernelgate baseline accept`).\n\n"
    if document:
        text += "To repeat it:\n\n```sh\n" + " ".join(document["kernelgate"]["command"]) + "\n```\n\n"
    if history:
        text += "<details><summary>History</summary>\n\n```\n" + history.replace("```", "'''").strip() + "\n```\n\n</details>\n"
    return text
