#!/usr/bin/env python3
"""Fails if a file includes a layer that it may not know. The rules: docs/decisions.md, "Layers"."""

import pathlib
import re
import sys

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
    if path.stem.endswith("_test"):
        return included[0] in {"bench", "kernels", "harness"} and (own_folder or not is_peer(included))
    if path.parts[:2] == ("bench", "peers"):
        shared = included[:2] == ("bench", "peers") and len(included) == 3
        return included[0] == "kernels" or own_folder or shared
    return included[0] in MAY_INCLUDE[layer] and not is_peer(included)


def is_peer(included):
    """Peers arrive by registration; only what they share may be included by name."""
    return included[:2] == ("bench", "peers") and len(included) > 3


def violations(root):
    for layer in MAY_INCLUDE:
        for path in sorted((root / layer).rglob("*")):
            if path.suffix in SOURCES:
                relative = path.relative_to(root)
                for target in INCLUDE.findall(path.read_text()):
                    if not allowed(relative, target):
                        yield f"{relative}: may not include {target}"


def main():
    found = list(violations(pathlib.Path(__file__).resolve().parent.parent))
    print("\n".join(found) or "layers: ok")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
