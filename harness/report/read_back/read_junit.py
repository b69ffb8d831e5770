"""The JUnit file, as junitparser reads it (Debian: python3-junitparser); and as XML."""
import re
import sys
import xml.etree.ElementTree

import truth

try:
    import junitparser
except ImportError:
    truth.skip("python3-junitparser is not installed")

path, result, comparison = sys.argv[1:4]
known, faults = truth.cases(result, comparison), truth.Faults()
# What Jenkins' xUnit plugin, the strictest of the known schemas (junit-10.xsd), lets an element have and hold.
SCHEMA = {"testsuites": ({"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
          "testsuite": ({"name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname", "id"}, {"properties", "testcase", "system-out"}),
          "testcase": ({"name", "time", "classname"}, {"skipped", "error", "failure", "system-out", "system-err"}),
          **{outcome: ({"type", "message"}, set()) for outcome in ("skipped", "error", "failure")}, "system-out": (set(), set())}
for element in xml.etree.ElementTree.parse(path).iter():
    attributes, children = SCHEMA.get(element.tag, (set(), set()))
    faults.expect(element.tag in SCHEMA and set(element.attrib) <= attributes and {one.tag for one in element} <= children, f"not in the schema: {element.tag} {element.attrib}")
    faults.expect("time" not in element.attrib or re.fullmatch(r"\d+\.\d*", element.attrib["time"]), f"no time: {element.attrib.get('time')}")
suites = list(junitparser.JUnitXml.fromfile(path))
kinds = {"SLOWER": junitparser.Failure, "WRONG": junitparser.Failure, "INVALID": junitparser.Error,
         "ERROR": junitparser.Error, "NOT_COMPARABLE": junitparser.Error, "SAME": None, "FASTER": None, "MEASURED": None}
found = {}
for suite in suites:
    tests = list(suite)
    counts = {kind: sum(isinstance(one.result[0], kind) for one in tests if one.result)
              for kind in (junitparser.Failure, junitparser.Error, junitparser.Skipped)}
    faults.expect((suite.tests, suite.failures, suite.errors, suite.skipped) == (len(tests), *counts.values()),
                  f"{suite.name}: says {suite.tests}, {suite.failures}, {suite.errors}, {suite.skipped}; has {counts}")
    for test in tests:
        if (test.classname, test.name) == ("kernelgate", "verdict"):
            found[None] = test
        else:
            found[test.system_out.splitlines()[0].removeprefix("case: ")] = test
by_name = {truth.shown(name).replace("\uffff", "?"): case for name, case in known.items()}  # XML has no U+FFFF
faults.expect(set(found) == {*by_name, None}, f"cases differ: {set(found) ^ {*by_name, None}}")
for name, case in by_name.items():
    outcome = found[name].result[0] if name in found and found[name].result else None
    kind = kinds.get(case.word, junitparser.Skipped)
    faults.expect(type(outcome) is (kind or type(None)), f"{name}: {case.word} is {outcome!r}")
    if outcome is not None:
        faults.expect(outcome.type == case.word and outcome.message.startswith(case.word), f"{name}: {outcome.type}")
bad = any(suite.failures + suite.errors for suite in suites)
should = any(case.word in ("SLOWER", "WRONG", "INVALID", "ERROR", "NOT_COMPARABLE") for case in known.values())
faults.expect(bad == should, f"failed: {bad}, should: {should}")
faults.end(found)
