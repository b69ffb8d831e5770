"""Breaks one line of the source at a time and expects the tests to see it: what scripts/mutate_*.py share.

The tree is copied to build/mutants and built there, without CUDA; the working tree is not touched.
"""
import filecmp
import os
import pathlib
import shutil
import subprocess
import sys


def run(words, where):
    return subprocess.run(words, cwd=where, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def copy_changed(source, target):
    """Gives what differs the time of now: what an interrupted run left broken is newer than its source, and compiled."""
    if not os.path.exists(target) or not filecmp.cmp(source, target, shallow=False):
        shutil.copyfile(source, target)
        shutil.copymode(source, target)


def find(text, line):
    """Where `line` stands in `text`, (begin, end), or None. As the source is wrapped, so is what is looked for: blanks and line ends are all the same."""
    words = line.split()
    start = 0
    while (begin := text.find(words[0], start)) >= 0:
        end = begin
        for word in words:
            while text[end:end + 1].isspace():
                end += 1
            if not text.startswith(word, end):
                break
            end += len(word)
        else:
            return begin, end
        start = begin + 1
    return None


def survivors(mutants, folder, target, filters):
    """The names of those of `mutants` that the tests of `target` did not see, and why. Prints what became of each.

    mutants: (name, file, the line as it is, the line as it must not be). folder: where the files are.
    filters: GoogleTest's, one for all or one for each file.
    """
    root = pathlib.Path(__file__).resolve().parent.parent
    tree = root / "build" / "mutants"
    for part in ("cmake", "harness", "kernels", "bench", "examples"):
        shutil.copytree(root / part, tree / part, dirs_exist_ok=True, copy_function=copy_changed)
        for path in (tree / part).rglob("*"):  # what an earlier run copied and has gone since
            if path.is_file() and not (root / path.relative_to(tree)).exists():
                path.unlink()
    copy_changed(root / "CMakeLists.txt", tree / "CMakeLists.txt")
    build = tree / "build"
    configured = run(["cmake", "-S", str(tree), "-B", str(build), "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", "-DKERNELGATE_CUDA=OFF"], root)
    if configured.returncode != 0:
        raise SystemExit(configured.stdout)

    def judged(file):
        built = run(["ninja", "-C", str(build), target], root)
        if built.returncode != 0:
            return "does not compile"
        chosen = filters if isinstance(filters, str) else filters[file]
        return run([str(build / target), "--gtest_brief=1", "--gtest_filter=" + chosen], root)

    for file in sorted({mutant[1] for mutant in mutants}):
        clean = judged(file)
        if isinstance(clean, str) or clean.returncode != 0:
            raise SystemExit("the tests are red before anything is broken\n" + (clean if isinstance(clean, str) else clean.stdout))
    alive = []
    for name, file, good, bad in mutants:
        path = next((tree / folder).rglob(file))
        text = path.read_text()
        place = find(text, good)
        if place is None:
            alive.append(f"{name}: its line is no longer in {file}")
            continue
        path.write_text(text[:place[0]] + bad + text[place[1]:])
        outcome = judged(file)
        path.write_text(text)
        if isinstance(outcome, str):
            seen, killed = outcome, False
        else:
            failed = [line.split("]")[1].split()[0] for line in outcome.stdout.splitlines() if line.startswith("[  FAILED  ]") and "listed below" not in line]
            killed, seen = outcome.returncode != 0, ", ".join(sorted(set(failed)))[:110]
        print(f"{'seen    ' if killed else 'SURVIVED'} {name}: {seen}", flush=True)
        if not killed:
            alive.append(name)
    return alive


def main(table, folder, target, filters):
    """The exit code of a script: tries those of `table` whose name or file contains the first argument."""
    os.environ.setdefault("CCACHE_NOHASHDIR", "1")
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    alive = survivors([one for one in table if wanted in one[0] or wanted in one[1]], folder, target, filters)
    for name in alive:
        print("SURVIVED " + name)
    return 1 if alive else 0
