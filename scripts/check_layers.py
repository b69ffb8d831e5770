#!/usr/bin/env python3
"""Fails if a file includes what stands above it. The rules: docs/decisions.md, "Layers"."""

import pathlib
import re
import sys

# The rooms of harness/, from the ground: a room includes itself and lower floors. Rooms of one floor don't meet.
FLOORS = [
    {"base", "statistics"},
    {"page"},
    {"check"},
    {"codegen", "result"},
    {"predict"},
    {"measure"},
    {"sides"},
    {"judge"},
    {"baseline"},
    {"history", "accept"},
    {"report"},
]
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
MAY_INCLUDE = {
    "kernels": {"kernels"},
    "harness": {"harness"},
    "bench": {"bench", "kernels", "harness"},
}
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)
SOURCES = {".h", ".cuh", ".cpp", ".cu"}


def allowed(path, target):
    """May the file at `path` (parts, from the root) include `target`?"""
    layer, included = path.parts[0], pathlib.PurePath(target).parts
    if len(included) < 2:
        return False  # includes are written from the root, so that this check can read them
    own_folder = path.parts[:3] == included[:3]
    if is_test(path):
        return included[0] in MAY_INCLUDE and (own_folder or not is_peer(included))
    if included[-1].endswith("_for_test.h"):
        return False
    if path.parts[:2] == ("bench", "peers"):
        shared = included[:2] == ("bench", "peers") and len(included) == 3
        return included[0] == "kernels" or own_folder or shared
    if layer == included[0] == "harness":
        return is_below(path.parts[1], included[1])
    return included[0] in MAY_INCLUDE[layer] and not is_peer(included)


def is_below(room, other):
    """May `room` of harness/ include `other`? A room that no floor has may include nothing."""
    return room == other or (room in FLOOR and FLOOR.get(other, len(FLOORS)) < FLOOR[room])


def is_test(path):
    """Tests, their helpers, what is fuzzed, and what is compiled only to see that it does."""
    return path.stem.endswith(("_test", "_for_test", "_fuzz")) or path.parts[:3] == ("kernels", "simt", "ptx")


def is_peer(included):
    """Peers arrive by registration; only what they share may be included by name."""
    return included[:2] == ("bench", "peers") and len(included) > 3


def violations(root):
    for layer in MAY_INCLUDE:
        for path in sorted((root / layer).rglob("*")):
            if path.suffix in SOURCES:
                relative = path.relative_to(root)
                if relative.parts[0] == "harness" and relative.parts[1] not in FLOOR:
                    yield f"{relative}: no floor for this room in scripts/check_layers.py"
                for target in INCLUDE.findall(path.read_text()):
                    if not allowed(relative, target):
                        yield f"{relative}: may not include {target}"


def main():
    found = list(violations(pathlib.Path(__file__).resolve().parent.parent))
    print("\n".join(found) or "layers: ok")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
