"""What the page of Python promises, against the program named by $KERNELGATE_PROGRAM: no GPU, no Triton."""

import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import kernelgate  # noqa: E402
from describe_triton import describe  # noqa: E402

PROGRAM = os.environ["KERNELGATE_PROGRAM"]
Target = collections.namedtuple("Target", "backend arch warp_size")
Metadata = collections.namedtuple("Metadata", "name num_warps num_ctas cluster_dims shared target global_scratch_size "
                                              "profile_scratch_size launch_cooperative_grid")
Compiled = collections.namedtuple("Compiled", "asm metadata")

F32 = {"type": "f32", "shape": ["n"]}
ADD = {"tensors": [{"name": "x", "role": "input", **F32}, {"name": "y", "role": "input", **F32},
                   {"name": "z", "role": "output", **F32}],
       "problems": [{"sizes": {"n": 5000}}],
       "expected": {"formula": "x[i] + y[i]", "relative": 1e-7, "absolute": 1e-7}}
ARGUMENTS = [{"tensor": "x"}, {"tensor": "y"}, {"tensor": "z"}, {"i32": "n"}]


def compiled(parameters=(".u64 .ptr .global .align 1", ".u64", ".u64", ".u32", ".u64"), **changes):
    """As Triton 3 leaves it: a pointer to scratch memory is behind the kernel's own parameters."""
    listed = ",\n".join(f"\t.param {one} add_param_{i}" for i, one in enumerate(parameters))
    ptx = f".version 8.0\n.target sm_80\n.address_size 64\n.visible .entry add(\n{listed}\n)\n.reqntid 128\n{{ ret; }}\n"
    metadata = Metadata("add", 4, 1, (1, 1, 1), 2048, Target("cuda", 80, 32), 0, 0, False)._replace(**changes)
    return Compiled({"ptx": ptx, "cubin": b"made up"}, metadata)


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name) / "add.json"

    def write(self, made, **options):
        return describe(made, self.path, **{"name": "triton_add", "op": "add", "arguments": ARGUMENTS, "own_op": ADD,
                                            "grid": ["ceil_div(n, 1024)"], "image": "ptx", **options})

    def said(self):
        """What `kernelgate list` makes of the description."""
        done = subprocess.run([PROGRAM, "list", "--kernel", self.path], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stderr


class DescribeTriton(Folder):
    def test_the_program_takes_what_it_writes(self):
        description = self.write(compiled())
        self.assertEqual(description["arguments"], [*ARGUMENTS, {"u64": 0}])
        self.assertIn("add/n:5000/triton_add: grid 5x1x1, block 128x1x1, 2048 bytes of dynamic shared memory, 5 parameters",
                      self.said())

    def test_the_cubin_is_written_beside_it(self):
        self.write(compiled(), image="cubin")
        self.assertEqual(self.path.with_suffix(".cubin").read_bytes(), b"made up")
        self.assertEqual(json.loads(self.path.read_text())["code"], "add.cubin")

    def test_an_older_triton_without_scratch_and_a_newer_one_with_two(self):
        self.assertEqual(self.write(compiled((".u64", ".u64", ".u64", ".u32")))["arguments"], ARGUMENTS)
        two = self.write(compiled((".u64", ".u64", ".u64", ".u32", ".u64", ".u64"), global_scratch_size=256))
        self.assertEqual(two["arguments"][4:], [{"scratch": "256 * (ceil_div(n, 1024)) * (1) * (1) * 1"}, {"u64": 0}])
        self.assertIn("6 parameters", self.said())

    def test_clusters_multiply_the_grid(self):
        self.write(compiled(num_ctas=2, cluster_dims=(2, 1, 1)))
        self.assertIn("grid 10x1x1, block 128x1x1, cluster 2x1x1", self.said())

    def test_metadata_may_be_what_the_cache_has(self):
        made = compiled()
        plain = {**made.metadata._asdict(), "target": made.metadata.target._asdict()}
        self.assertEqual(self.write(Compiled(made.asm, plain)), self.write(made))

    def test_for_an_op_of_kernelgate(self):
        self.write(compiled(), op="matmul", own_op=None, problems=["f16_nt/512x512x512"], where="m % 16 == 0",
                   arguments=[{"tensor": "a"}, {"tensor": "b"}, {"tensor": "c"}, {"i32": "m"}], grid=["m", "n"])
        self.assertIn("matmul/f16_nt/512x512x512/triton_add: grid 512x512x1", self.said())

    def test_says_what_can_not_be_described(self):
        for made, word in ((compiled(launch_cooperative_grid=True), "cooperative"),
                           (compiled(profile_scratch_size=8), "profiler"),
                           (compiled((".u64", ".u64", ".u64")), "leave out constexpr"),
                           (compiled((".u64",) * 9), "only 4 are named"),
                           (compiled((".u64", ".u64", ".u64", ".u32"), global_scratch_size=8), "needs scratch")):
            with self.assertRaisesRegex(ValueError, word):
                self.write(made)
            self.assertFalse(self.path.exists())
        with self.assertRaisesRegex(ValueError, "left no hsaco"):
            self.write(compiled(), image="hsaco")


class Schema(Folder):
    """docs/own_kernel.schema.json, where the checkout and jsonschema are there."""

    def setUp(self):
        super().setUp()
        self.root = pathlib.Path(__file__).resolve().parents[2]
        schema = self.root / "docs" / "own_kernel.schema.json"
        if not schema.is_file():
            self.skipTest("no checkout")
        try:
            import jsonschema
        except ImportError:
            self.skipTest("no jsonschema")
        self.check = jsonschema.Draft202012Validator(json.loads(schema.read_text()))

    def test_has_what_the_program_takes(self):
        readme = re.search(r"```json\n(.*?)```", (self.root / "README.md").read_text(), re.DOTALL)[1]
        (self.path.parent / "saxpy.cubin").write_text(compiled().asm["ptx"].replace("add(", "saxpy(").replace(
            ".param .u32 add_param_3,\n\t.param .u64 add_param_4", ".param .f32 a, .param .u32 n"))
        self.path.write_text(readme)
        self.assertIn("saxpy/n:1000/saxpy_cubin: grid 4x1x1", self.said())
        example = (self.root / "examples" / "own_kernel_cubin" / "saxpy.json").read_text()
        for text in (readme, example, json.dumps(self.write(compiled())),
                     json.dumps(self.write(compiled(), op="matmul", own_op=None, problems=["f16_nt/*"]))):
            self.check.validate(json.loads(text))

    def test_has_nothing_that_the_program_refuses(self):
        good = self.write(compiled())
        for key, value in (("name", "../x"), ("kernelgate_kernel", 2), ("arguments", [{"i32": 1, "u32": 1}]), ("more", 1),
                           ("launch", {"grid": [1]}), ("expected", {"formula": "1"}), ("problems", [{"sizes": {"n": -1}}]),
                           ("tensors", good["tensors"][:2])):
            bad = {**good, key: value}
            self.assertFalse(self.check.is_valid(bad), key)
            self.path.write_text(json.dumps(bad))
            done = subprocess.run([PROGRAM, "list", "--kernel", self.path], capture_output=True, text=True)
            self.assertEqual(done.returncode, 1, key)


class Driving(Folder):
    def test_proofs_and_errors(self):
        proofs = kernelgate.verify("--device", "simt", "--op", "mel", "--suite", "smoke", "--implementation", "sm75_fused",
                                   program=PROGRAM)
        self.assertTrue(proofs)
        self.assertEqual({proof["status"] for proof in proofs}, {"right"})
        with self.assertRaisesRegex(kernelgate.KernelgateError, "there is no op 'gemm'") as caught:
            kernelgate.verify("--op", "gemm", program=PROGRAM)
        self.assertEqual(caught.exception.code, 1)

    def test_a_run_and_its_verdicts(self):
        result = kernelgate.run("--device", "cpu", "--op", "mel", "--suite", "smoke", "--runs", 1,
                                "--benchmark_min_time=0.01", "--benchmark_filter=/1s/", "--out", self.path, program=PROGRAM)
        self.assertEqual({case["verdict"] for case in result["comparison"]["cases"]}, {"NO_BASELINE"})
        self.assertEqual(result["exit_code"], 0)
        measured = list(kernelgate.cases(result))
        self.assertTrue(measured)
        for case in measured:
            self.assertGreater(case["median_s"], 0)
            self.assertEqual(case["op"], "mel")


if __name__ == "__main__":
    unittest.main()
