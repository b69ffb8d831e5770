#!/usr/bin/env python3
"""Holds docs/options.md to what the program's --help says, and every option that the docs name to that page.

    scripts/check_options.py PROGRAM [--write]

--write writes the page. Exit code 1 where it is out of date, or where README.md or a page of docs/ shows a call of
`kernelgate` with an option that its command lacks.
"""
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "options.md"
HEAD = """# Every command and its options

Written by `scripts/check_options.py build/kernelgate --write` from `--help`, and checked with each commit.
"""


def help_text(program, command):
    environment = {**os.environ, "COLUMNS": "80"}
    done = subprocess.run([program, *command, "--help"], stdout=subprocess.PIPE, text=True, env=environment, check=True)
    return done.stdout


def rows(text, heading):
    """(name, what it takes, words) of the list under `heading`."""
    found = []
    listed = re.search(rf"^{heading}:\n((?:  .*\n)+)", text, re.MULTILINE)
    for line in listed.group(1).splitlines() if listed else []:
        # CLI11 gives names 30 columns, and a line of their own where they need more.
        named, words = (line[:30], line[30:]) if line[29:30].isspace() else (line, "")
        if named.strip():
            name, _, takes = named.strip().partition(" ")
            # A line of its own, with a space in column 30 by chance: what it says goes on with another option.
            if takes.strip().endswith(":") or re.match(r"--[a-z]", words):
                takes, words = f"{takes.strip()} {words.strip()}", ""
            found.append([name, takes.strip(), words.strip()])
        else:
            found[-1][2] = f"{found[-1][2]} {words}".strip()
    return found


def commands(program):
    """Each command's words and its help, subcommands after their command."""
    waiting = [[name] for name, _, _ in rows(help_text(program, []), "Subcommands")]
    while waiting:
        command = waiting.pop(0)
        text = help_text(program, command)
        yield command, text
        waiting = [[*command, name] for name, _, _ in rows(text, "Subcommands")] + waiting


def cell(text):
    return text.replace("|", "\\|").strip()


def plainly(takes):
    """As a person would say it, without CLI11's types: "1 to 1000", "auto, cuda, cpu; auto if not given"."""
    takes = re.sub(r"(\w+):(\w+) in \[(\S+) - (\S+)\]",
                   lambda t: ("" if t[1] in ("INT", "UINT", "FLOAT") else t[1] + ", ") + f"{t[3]} to {t[4]}", takes)
    takes = re.sub(r"TEXT:\{(.*?)\}", lambda found: found[1].replace(",", ", "), takes)
    takes = re.sub(r"(\S)=(\S+)( \.\.\.)?$", r"\1\3; \2 if not given", takes)
    takes = re.sub(r"^(.*?) ?(Excludes|Needs): (.*)$",
                   lambda t: f"{t[1]}; {'not with' if t[2] == 'Excludes' else 'with'} "
                             f"{' '.join(sorted(t[3].split()))}".lstrip("; "), takes)  # CLI11 has them in no order
    for word, plain in ((":NONNEGATIVE", ""), ("UINT", "number"), ("INT", "number"), ("FLOAT", "number"),
                        ("TEXT", "text"), (" ...", ", repeated"), (" REQUIRED", ", required")):
        takes = takes.replace(word, plain)
    return cell(takes)


def page(texts):
    parts = [HEAD]
    for command, text in texts.items():
        listed = rows(text, "Positionals") + [row for row in rows(text, "Options") if "--help" not in row[0]]
        if not listed:
            continue
        parts.append(f"\n## `kernelgate {command}`\n{text.splitlines()[0]}.\n\n")
        parts.append("| option | takes | what it does |\n|---|---|---|\n")
        parts += [f"| `{name}` | {plainly(takes)} | {cell(words)} |\n" for name, takes, words in listed]
    return "".join(parts)


def wrong_calls(texts):
    """Calls in the docs, as code, whose options the command does not have."""
    known = {command: set(re.findall(r"--[a-z][a-z-]*", text)) for command, text in texts.items()}
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for call in re.findall(r"kernelgate ((?:[a-z]+ )+[^`\n]*)", path.read_text()):
            words = call.split("#")[0].split()
            command = " ".join(words[:2]) if " ".join(words[:2]) in known else words[0]
            if command not in known:
                continue
            for option in re.findall(r"(?<![\w-])--[a-z][a-z-]*", " ".join(words)):
                if option not in known[command] and not option.startswith("--benchmark"):
                    yield f"{path.relative_to(ROOT)}: 'kernelgate {command}' has no {option}"


def main(arguments):
    if not arguments or arguments[0] in ("-h", "--help"):
        print(__doc__)
        return 0
    texts = {" ".join(command): text for command, text in commands(str(pathlib.Path(arguments[0]).resolve()))}
    if "--write" in arguments:
        PAGE.write_text(page(texts))
        return 0
    found = list(wrong_calls(texts))
    if not PAGE.is_file() or PAGE.read_text() != page(texts):
        found.append(f"docs/options.md is not what --help says; run: scripts/check_options.py {arguments[0]} --write")
    print("\n".join(found) or "options: the docs list what --help says")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
