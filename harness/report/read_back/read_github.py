"""The workflow commands, read as GitHub's runner reads them. The runner is no package; this is its grammar
(actions/runner, src/Runner.Common/ActionCommand.cs, TryParseV2): '::' at the beginning of a line, a command, properties
up to the next '::', the message; %0D, %0A and %25 undone everywhere, %3A and %2C in properties."""
import re
import sys

import truth


def undone(text, of_property):
    for code, character in ((("%3A", ":"), ("%2C", ",")) if of_property else ()) + (("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        text = text.replace(code, character)
    return text


path, result, comparison = sys.argv[1:4]
known, faults = truth.cases(result, comparison), truth.Faults()
commands = []
with open(path, encoding="utf-8", newline="") as file:
    for line in file.read().split("\n"):
        if not line:
            continue
        match = re.match(r"^::(\S+)(?: (.*?))?::(.*)$", line)
        if not match or "\r" in line:
            faults.append(f"no command: {line!r}")
            continue
        properties = dict(part.split("=", 1) for part in match[2].split(","))
        commands.append((match[1], {name: undone(text, True) for name, text in properties.items()}, undone(match[3], False)))
for level, properties, text in commands:
    faults.expect(level in ("error", "warning", "notice"), f"the runner would do something: {level}")
    faults.expect(set(properties) == {"title"}, f"properties {properties}")
titles = {properties["title"] for _, properties, _ in commands}
errors = [case for case in known.values() if case.word in ("SLOWER", "WRONG", "INVALID", "ERROR", "NOT_COMPARABLE")]
shown = [title for level, properties, _ in commands for title in [properties["title"]] if level == "error"]
faults.expect(len(shown) == min(len(errors), 10) if len(errors) != 9 else True, f"{len(shown)} errors of {len(errors)}")
if len(errors) <= 9:
    for case in errors:
        faults.expect(f"{case.word} {truth.shown(case.name)}" in titles, f"nothing said of {case.name!r}: {titles}")
faults.expect(len(commands) <= 21, f"{len(commands)} annotations, of which GitHub drops some")
faults.end(commands)
