#!/usr/bin/env python3
"""Fails if two files define different types of one name in one namespace.

No compiler sees that, since no source includes both; the linker takes one's constructors for the other's.
"""
import collections
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Comments and texts first, so that nothing in them counts.
TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<mark>\w*)\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    r"|\bnamespace\s+(?P<namespace>[\w:]*)\s*\{"
    r"|\b(?:struct|class|union|enum(?:\s+class)?)\s+(?P<type>\w+)(?:\s+final)?\s*(?::(?!:)[^{};()]*)?\{"
    r"|(?P<open>\{)|(?P<close>\})", re.DOTALL)


def defined_types(text, file):
    """Qualified names of the types that `text` defines in namespaces; those of unnamed ones are the file's own."""
    scopes = []
    for token in TOKEN.finditer(text):
        if token["namespace"] is not None:
            scopes.append(token["namespace"] or f"({file})")
        elif token["type"] is not None:
            if None not in scopes:
                yield "::".join([*scopes, token["type"]])
            scopes.append(None)
        elif token["open"]:
            scopes.append(None)
        elif token["close"] and scopes:
            scopes.pop()


def main():
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "*.h", "*.cpp"], capture_output=True, text=True, check=True)
    found = collections.defaultdict(set)
    for file in listed.stdout.split():
        path = ROOT / file
        # Examples and what is made up for tests are programs and libraries of their own.
        if path.is_file() and not file.startswith("examples/") and "/fake/" not in file:
            for name in defined_types(path.read_text(), file):
                found[name].add(file)
    bad = {name: sorted(files) for name, files in found.items() if len(files) > 1}
    for name, files in sorted(bad.items()):
        print(f"{name} is defined in {' and '.join(files)}: rename one, or the linker mixes them up")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
