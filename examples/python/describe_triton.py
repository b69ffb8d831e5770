"""Writes a compiled Triton kernel as a cubin and the JSON description that `kernelgate run --kernel` takes.

    compiled = add_kernel.warmup(x, y, out, n, BLOCK=1024, grid=(1,))      # or: add_kernel[grid](x, y, out, n, BLOCK=1024)
    describe(compiled, "add.json", name="triton_add", op="add",
             arguments=[{"tensor": "x"}, {"tensor": "y"}, {"tensor": "z"}, {"i32": "n"}],
             grid=["ceil_div(n, 1024)"],
             own_op={"tensors": [...], "problems": [...], "expected": {...}})

`arguments` are those that the machine code takes, in their order: without constexpr ones, and without whole numbers that
Triton folded in because they were 1. What Triton adds by itself (pointers to scratch memory) is added here.
"""

import json
import pathlib
import re

PARAMETER = re.compile(r"\.param\s")


def _get(metadata, name, otherwise=None):
    """Of metadata as Triton keeps it (a named tuple), and as it writes it to its cache (JSON)."""
    if isinstance(metadata, dict):
        return metadata.get(name, otherwise)
    return getattr(metadata, name, otherwise)


def _entry(ptx, name):
    """What stands between the brackets of the kernel's declaration."""
    found = re.search(r"\.entry\s+" + re.escape(name) + r"\s*\(([^)]*)\)", ptx)
    if not found:
        raise ValueError(f"the PTX has no kernel {name}")
    return found[1]


def _hidden(count, scratch_bytes, programs):
    """The parameters behind the kernel's own: pointers to scratch memory, then to a profiler's."""
    hidden = []
    for number in range(count):
        if number == 0 and scratch_bytes > 0:
            hidden.append({"scratch": f"{scratch_bytes} * {programs}"})
        else:
            hidden.append({"u64": 0})
    return hidden


def describe(compiled, path, *, name, op, arguments, grid, problems=None, own_op=None, where=None, image="cubin"):
    """Writes the description to `path` and the code beside it; returns the description.

    op        of kernelgate (matmul, conv2d, mel), with `problems`, the names of its problems; or of your own, with
              `own_op`: {"tensors", "problems", "expected", "flop"}
    grid      up to three numbers or formulas, as Triton's launch takes them
    image     "cubin", for the GPU that Triton compiled for, or "ptx"
    """
    metadata = compiled.metadata
    kernel = _get(metadata, "name")
    if image not in ("cubin", "ptx") or image not in compiled.asm:
        raise ValueError(f"Triton left no {image}; there is: {', '.join(sorted(compiled.asm))}")
    if _get(metadata, "launch_cooperative_grid", False):
        raise ValueError("a cooperative launch can't be described")
    if _get(metadata, "profile_scratch_size", 0):
        raise ValueError("a kernel that was compiled for a profiler can't be described: compile it without")
    warp_size = _get(_get(metadata, "target", {}), "warp_size", 32)
    ctas = _get(metadata, "num_ctas", 1)
    cluster = list(_get(metadata, "cluster_dims", None) or (ctas, 1, 1))
    grid = [str(one) for one in grid] + ["1"] * (3 - len(grid))
    programs = " * ".join(f"({one})" for one in grid) + f" * {ctas}"
    if ctas > 1:
        grid = [f"({one}) * {by}" for one, by in zip(grid, cluster)]

    takes = len(PARAMETER.findall(_entry(compiled.asm["ptx"], kernel)))
    if takes < len(arguments):
        raise ValueError(f"{kernel} takes {takes} parameters and {len(arguments)} are named: leave out constexpr ones, and "
                         "whole numbers that were 1")
    if takes > len(arguments) + 2:
        raise ValueError(f"{kernel} takes {takes} parameters and only {len(arguments)} are named")
    scratch = _get(metadata, "global_scratch_size", 0) or 0
    if scratch and takes == len(arguments):
        raise ValueError(f"{kernel} needs scratch memory, and takes no parameter for it: {takes} are named already")

    path = pathlib.Path(path)
    code = path.with_suffix("." + image)
    data = compiled.asm[image]
    code.write_bytes(data if isinstance(data, bytes) else data.encode())
    description = {
        "kernelgate_kernel": 1,
        "name": name,
        "op": op,
        "code": code.name,
        "kernel": kernel,
        "arguments": [*arguments, *_hidden(takes - len(arguments), scratch, programs)],
        "launch": {"grid": grid, "block": [warp_size * _get(metadata, "num_warps")],
                   "shared_bytes": _get(metadata, "shared", 0)},
        **(own_op if own_op is not None else {"problems": problems or []}),
    }
    if ctas > 1:
        description["launch"]["cluster"] = cluster
    if where:
        description["where"] = where
    path.write_text(json.dumps(description, indent=1) + "\n")
    return description
