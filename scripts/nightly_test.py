#!/usr/bin/env python3
"""A night and a bisection against a made-up program that says what it is told: the exit codes, what is measured again, what is kept."""
import fcntl
import importlib.machinery
import importlib.util
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest

SCRIPTS = pathlib.Path(__file__).resolve().parent

# Answers the n-th call of each command from answers.json, and notes every call. `run` writes a result with the cases of its answer.
PROGRAM = '''#!/usr/bin/env python3
import json, pathlib, sys
here = pathlib.Path(__file__).parent
calls = here / "calls.txt"
earlier = calls.read_text().splitlines() if calls.exists() else []
with open(calls, "a") as file:
    file.write(" ".join(sys.argv[1:]) + "\\n")
answers = json.loads((here / "answers.json").read_text()).get(sys.argv[1], [])
n = sum(1 for line in earlier if line.split()[0] == sys.argv[1])
answer = answers[min(n, len(answers) - 1)] if answers else {}
if sys.argv[1] == "run" and "says" not in answer:
    out = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
    cases = answer.get("cases", [])
    document = {"kernelgate": {"status": answer.get("status", "complete"), "command": ["kernelgate", "run"], "cases": [
        {"name": c["name"], "status": "measured", "runs": [{"summary": {"count": c.get("samples", 50)}}]} for c in cases]},
        "comparison": {"base": "yesterday", "new": "today", "cases": [
            {"name": c["name"], "verdict": c.get("verdict", "SAME"), "ratio": c.get("ratio", 1.0), "base_s": 1e-5, "new_s": 1.1e-5,
             "equal_code": c.get("equal_code", False), "detectable_ratio": c.get("detectable_ratio"), "reason": "because", "attribution": ""} for c in cases]}}
    out.write_text(json.dumps(document))
    print(json.dumps(document))
if "says" in answer:
    sys.exit(print(answer["says"], file=sys.stderr) or answer["code"])
sys.exit(answer.get("code", 0))
'''


class Night(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory()
        self.here = pathlib.Path(self.place.name)
        self.program = self.here / "kernelgate"
        self.program.write_text(PROGRAM)
        self.program.chmod(0o755)
        self.folder = self.here / "nights"

    def tearDown(self):
        self.place.cleanup()

    def answers(self, **commands):
        (self.here / "answers.json").write_text(json.dumps(commands))
        (self.here / "calls.txt").unlink(missing_ok=True)

    def calls(self, command):
        return [line for line in (self.here / "calls.txt").read_text().splitlines() if line.split()[0] == command]

    def nightly(self, *words, code):
        environment = {key: value for key, value in os.environ.items() if key != "GITHUB_STEP_SUMMARY"}
        done = subprocess.run([str(SCRIPTS / "nightly"), "--program", str(self.program), *words, str(self.folder)],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def beat(self):
        return json.loads((self.folder / "heartbeat.json").read_text())

    def test_a_good_night(self):
        self.answers(run=[{"cases": [{"name": "a"}, {"name": "b"}]}])
        page = self.nightly(code=0)
        self.assertTrue(page.startswith("## Nothing got slower."), page)
        self.assertEqual(len(self.calls("run")), 1)
        self.assertIn("import", self.calls("history")[0])
        self.assertEqual(self.beat()["exit_code"], 0)
        self.assertEqual((self.folder / "report.md").read_text() + "\n", page)

    def test_what_is_slower_is_measured_again_before_it_alarms(self):
        slow = {"name": "op/a+b/hot", "verdict": "SLOWER", "ratio": 1.1}
        self.answers(run=[{"code": 3, "cases": [slow, {"name": "c"}]}, {"code": 3, "cases": [slow]}])
        page = self.nightly(code=3)
        self.assertIn("### Slower\n", page)
        self.assertIn(r"--benchmark_filter=^(op/a\+b/hot)$", self.calls("run")[1])
        self.answers(run=[{"code": 3, "cases": [slow, {"name": "c"}]}, {"code": 0, "cases": [{"name": "op/a+b/hot"}]}])
        page = self.nightly(code=0)
        self.assertNotIn("### Slower\n", page)
        self.assertIn("Possibly slower, not confirmed", page)
        self.assertIn("measured again: SAME", page)

    def test_with_an_accepted_build_the_run_itself_decides(self):
        self.answers(run=[{"code": 3, "cases": [{"name": "a", "verdict": "SLOWER", "ratio": 1.1}]}])
        self.nightly("--accepted", "../accepted", code=3)
        self.assertEqual(len(self.calls("run")), 1)
        self.assertIn("--against ../accepted", self.calls("run")[0])

    def test_a_wrong_result_is_not_measured_away(self):
        self.answers(run=[{"code": 2, "cases": [{"name": "a"}]}])
        self.assertTrue(self.nightly(code=2).startswith("## A result is WRONG."))
        slow = {"name": "a", "verdict": "SLOWER", "ratio": 1.1}
        self.answers(run=[{"code": 3, "cases": [slow]}, {"code": 2, "cases": [slow]}])
        self.nightly(code=2)

    def test_an_invalid_run_is_repeated_once(self):
        self.answers(run=[{"code": 6, "cases": []}, {"code": 0, "cases": [{"name": "a"}]}])
        self.nightly(code=0)
        self.answers(run=[{"code": 6, "cases": [], "status": "interrupted"}])
        self.nightly(code=6)
        self.assertEqual(len(self.calls("run")), 2)
        self.assertEqual(self.beat()["nights_without_result"], 1)
        self.assertIsNotNone(self.beat()["last_result_utc"], "of the night before")

    def test_silence_is_no_pass(self):
        self.answers(run=[{"cases": [{"name": "a"}, {"name": "b", "samples": 100}]}])
        self.nightly(code=0)
        self.answers(run=[{"cases": [{"name": "b", "samples": 40}]}])
        page = self.nightly(code=6)
        self.assertIn("1 cases of the last night were not measured, e.g. a", page)
        self.assertIn("e.g. b: 40 and 100", page)

    def test_a_refused_machine_is_not_measured(self):
        self.answers(check=[{"code": 5}], run=[{"cases": [{"name": "a"}]}])
        self.assertTrue(self.nightly("--require", "count=8", code=5).startswith("## The machine was refused."))
        self.assertIn("--require count=8", self.calls("check")[0])
        self.assertEqual(self.calls("run"), [])

    def test_unchanged_code_is_the_noise_meter(self):
        self.answers(run=[{"cases": [{"name": "a", "equal_code": True, "ratio": 1.03, "verdict": "FASTER"}, {"name": "b"}]}])
        page = self.nightly(code=0)
        self.assertIn("1 cases have the same code as the base. 1 of them have a verdict all the same", page)
        self.assertIn("more than 3.0 %", page)

    def test_a_first_night_passes_for_nothing(self):
        self.answers(run=[{"cases": [{"name": "a", "verdict": "NO_BASELINE"}, {"name": "b", "verdict": "SKIPPED"}]}])
        page = self.nightly(code=0)
        self.assertTrue(page.startswith("## There is nothing to compare with yet."), page)
        self.assertIn("kernelgate baseline accept", page)

    def test_a_blind_gate_says_so(self):
        noisy = [{"name": name, "verdict": "INCONCLUSIVE", "detectable_ratio": ratio} for name, ratio in
                 (("a", 1.02), ("b", 1.25), ("c", 1.4))]
        self.answers(run=[{"cases": [*noisy, {"name": "d"}]}])
        page = self.nightly(code=0)
        self.assertIn("3 of 4 cases are INCONCLUSIVE", page)
        self.assertIn("only from 25.0 % on", page)

    def test_old_documents_go_only_when_the_store_has_them(self):
        old = self.folder / "results" / "2020-01-01T000000Z.json"
        old.parent.mkdir(parents=True)
        old.write_text("{}")
        self.answers(run=[{"cases": [{"name": "a"}]}], history=[{"code": 1}])
        self.assertIn("no old result was removed", self.nightly(code=0))
        self.assertTrue(old.exists())
        self.answers(run=[{"cases": [{"name": "a"}]}], history=[{"code": 0}])
        self.nightly(code=0)
        self.assertFalse(old.exists())
        self.assertEqual(len(list(old.parent.glob("*.json"))), 2, "this night's stay")

    def test_two_nights_at_once(self):
        self.answers(run=[{"cases": [{"name": "a"}]}])
        self.nightly(code=0)
        with open(self.folder / "nightly.lock", "a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.assertIn("another night is under way", self.nightly(code=6))

    def test_the_watch(self):
        self.assertIn("no night has ended here yet", self.nightly("--watch", code=6))
        self.answers(run=[{"cases": [{"name": "a"}]}])
        self.nightly(code=0)
        self.assertIn("a result 0 hours ago", self.nightly("--watch", code=0))
        beat = self.beat()
        beat["last_result_utc"] = "2020-01-01T00:00:00+00:00"
        (self.folder / "heartbeat.json").write_text(json.dumps(beat))
        self.assertIn("no result for", self.nightly("--watch", code=6))

    def test_names_end_no_cell_and_begin_no_tag(self):
        self.answers(run=[{"cases": [{"name": "a|<script>`b`", "verdict": "FASTER", "ratio": 0.5}]}])
        page = self.nightly(code=0)
        self.assertIn("| a\\|&lt;script>'b' |", page)

    def test_a_run_that_can_not_work_says_why(self):
        self.answers(run=[{"code": 1, "says": "no case matches"}])
        page = self.nightly(code=1)
        self.assertIn("could not do its work", page)
        self.assertIn("It said: no case matches", page)

    def test_a_program_that_is_not_there(self):
        self.program.unlink()
        self.assertIn("name the program with --program", self.nightly(code=1))


# Slower than the good build from the marked one on; the other words are what `run` can end with.
POINT = '''#!/usr/bin/env python3
import sys
assert sys.argv[1:5] == ["run", "--against", GOOD, "--benchmark_filter=mel"] and "--strict" in sys.argv, sys.argv
sys.exit(CODE)
'''


class Bisection(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory()
        self.here = pathlib.Path(self.place.name)

    def tearDown(self):
        self.place.cleanup()

    def builds(self, codes):
        good = str((self.here / "0" / "kernelgate").resolve())
        for i, code in enumerate(codes):
            (self.here / str(i)).mkdir(exist_ok=True)
            program = self.here / str(i) / "kernelgate"
            program.write_text(POINT.replace("GOOD", repr(good)).replace("CODE", str(code)))
            program.chmod(0o755)
        return [str(i) for i in range(len(codes))]

    def bisect(self, *words, code, cwd=None):
        done = subprocess.run([str(SCRIPTS / "bisect"), "--case", "mel", *words], cwd=cwd or self.here, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout, done.stderr

    def test_every_first_slower_build_is_found(self):
        for count in range(2, 9):
            for first in range(1, count):
                names = self.builds([0] * first + [3] * (count - first))
                self.assertEqual(self.bisect("--builds", *names, code=0)[0], f"The first slower one: {first}\n")

    def test_what_can_not_be_told_is_no_answer(self):
        names = self.builds([0, 0, 4, 3, 3])
        out, _ = self.bisect("--builds", *names, code=4)
        self.assertEqual(out.splitlines()[:3], ["Slower since one of these 2:", "  2", "  3"])
        names = self.builds([0, 4, 0, 3, 6])
        self.assertIn("BAD can't be told", self.bisect("--builds", *names, code=6)[1])

    def test_points_beside_one_that_can_not_be_told_decide(self):
        names = self.builds([0, 0, 77, 0, 3, 3, 3])
        self.assertEqual(self.bisect("--builds", *names, code=0)[0], "The first slower one: 4\n")

    def test_a_change_that_is_not_there_now(self):
        names = self.builds([0, 0, 0])
        self.assertIn("there is nothing to look for", self.bisect("--builds", *names, code=6)[1])

    def test_bad_points_are_named(self):
        self.builds([0, 3])
        self.assertIn("there is no kernelgate in 'nowhere'", self.bisect("--builds", "0", "nowhere", code=1)[1])
        self.assertIn("name two commits", self.bisect("HEAD", code=1)[1])

    def test_commits_are_built_in_worktrees(self):
        tree = self.here / "tree"
        tree.mkdir()

        def git(*words):
            return subprocess.run(["git", "-c", "user.name=n", "-c", "user.email=e", *words], cwd=tree, check=True,
                                  stdout=subprocess.PIPE, text=True).stdout.strip()

        git("init", "-q")
        # What a commit's program ends with is what its file says; the third can't be built.
        for code in ("0", "0", "broken", "3", "3"):
            (tree / "code").write_text(code)
            git("add", ".")
            git("commit", "-q", "--allow-empty", "-m", f"say {code}")
        build = ("grep -q broken code && exit 1; mkdir build; printf '#!/bin/sh\\nexit %s\\n' $(cat code) > build/kernelgate; "
                 "chmod +x build/kernelgate")
        out, err = self.bisect("--build", build, "HEAD~4", "HEAD", code=4, cwd=tree)
        self.assertIn("say broken", out)
        self.assertIn("(not built)", err)
        out, _ = self.bisect("--build", build, "HEAD~2", "HEAD", code=1, cwd=tree)
        self.assertIn("no ancestor", self.bisect("--build", build, "HEAD", "HEAD~1", code=1, cwd=tree)[1])


class ReadyFiles(unittest.TestCase):
    """What people copy from examples/nightly."""
    FOLDER = SCRIPTS.parent / "examples" / "nightly"

    def command(self, text):
        words = shlex.split(next(line for line in text.splitlines() if "scripts/nightly " in line and not line.startswith("#")))
        start = next(i for i, word in enumerate(words) if word.endswith("scripts/nightly"))
        loader = importlib.machinery.SourceFileLoader("nightly", str(SCRIPTS / "nightly"))
        nightly = importlib.util.module_from_spec(importlib.util.spec_from_loader("nightly", loader))
        loader.exec_module(nightly)
        arguments = nightly.parse(words[start + 1:])
        self.assertEqual((arguments.accepted, arguments.require), ("/var/lib/kernelgate/accepted", "count>=1"))
        return arguments.folder

    def test_every_command_is_one(self):
        for name in ("github.yml", "gitlab-ci.yml", "kernelgate-nightly.service"):
            text = (self.FOLDER / name).read_text()
            folder = self.command(text)
            if name != "kernelgate-nightly.service":
                self.assertIn(f"{folder}/report.md", text, "the page that is kept")

    def test_the_workflows_are_yaml_and_refuse_strangers(self):
        try:
            import yaml
        except ImportError:
            self.skipTest("no python3-yaml")
        github = yaml.safe_load((self.FOLDER / "github.yml").read_text())
        self.assertEqual(set(github[True]), {"schedule", "workflow_dispatch"}, "`on` is true in YAML 1.1")
        self.assertIn("self-hosted", github["jobs"]["nightly"]["runs-on"])
        gitlab = yaml.safe_load((self.FOLDER / "gitlab-ci.yml").read_text())
        self.assertEqual(gitlab["kernels-nightly"]["rules"], [{"if": '$CI_PIPELINE_SOURCE == "schedule"'}])

    def test_systemd_takes_the_units(self):
        if not shutil.which("systemd-analyze"):
            self.skipTest("no systemd-analyze")
        with tempfile.TemporaryDirectory() as place:
            units = []
            for name in ("kernelgate-nightly.service", "kernelgate-nightly.timer"):
                unit = pathlib.Path(place) / name
                text = (self.FOLDER / name).read_text()
                unit.write_text(text.replace("/opt/kernelgate/scripts/nightly", "/bin/true").replace("/opt/kernelgate", "/"))
                units.append(str(unit))
            done = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True)
            ours = [line for line in done.stdout.splitlines() if "kernelgate" in line]
            self.assertEqual(ours, [], done.stdout)


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=1))
