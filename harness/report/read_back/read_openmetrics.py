"""The OpenMetrics text, as Prometheus' own parsers read it (Debian: python3-prometheus-client): the strict one of
OpenMetrics, and the one of the text format, which is what node_exporter's textfile collector takes. And the dashboard:
every query of it names metrics and labels that are there."""
import json
import pathlib
import re
import sys

import truth

try:
    from prometheus_client import parser
    from prometheus_client.openmetrics import parser as openmetrics
except ImportError:
    truth.skip("python3-prometheus-client is not installed")

path, result, comparison = sys.argv[1:4]
known, faults = truth.cases(result, comparison), truth.Faults()
text = pathlib.Path(path).read_text(encoding="utf-8")
families = list(openmetrics.text_string_to_metric_families(text))
strict = [sample for family in families for sample in family.samples]
textfile = [sample for family in parser.text_string_to_metric_families(text) for sample in family.samples]
key = lambda sample: (sample.name, sorted(sample.labels.items()), sample.value)
faults.expect(sorted(map(key, strict)) == sorted(map(key, textfile)), "the two formats read it differently")
faults.expect(all(sample.timestamp is None for sample in strict), "node_exporter refuses timestamps")
faults.expect(text.endswith("\n# EOF\n"), "no end")

by_name = {truth.shown(name): case for name, case in known.items()}
values = {(sample.name, sample.labels.get("case")): sample for sample in strict}
for name, case in by_name.items():
    median = values.get(("kernelgate_case_median_seconds", name))
    faults.expect(truth.near(median and median.value, case.median_s), f"{name}: median {median}, not {case.median_s}")
    verdict = values.get(("kernelgate_case_verdict", name))
    faults.expect(verdict is not None and verdict.labels["verdict"] == case.word, f"{name}: verdict {verdict}")
    for metric, member in (("change_ratio", "ratio"), ("base_seconds", "base_s")):
        sample = values.get((f"kernelgate_case_{metric}", name))
        faults.expect((sample and sample.value) == (case.verdict or {}).get(member), f"{name}: {metric} {sample}")
counts = {sample.labels["verdict"]: sample.value for sample in strict if sample.name == "kernelgate_cases"}
faults.expect(sum(counts.values()) == len(known), f"{counts} of {len(known)} cases")

dashboard = json.loads((pathlib.Path(__file__).resolve().parents[3] / "docs/grafana/kernelgate.json").read_text())
metrics = {family.name: set().union(*(sample.labels for sample in family.samples)) for family in families}
queries = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
queries += [variable["query"] for variable in dashboard["templating"]["list"] if variable["type"] == "query"]
for query in queries:
    for metric, labels in re.findall(r"(kernelgate_\w+)(?:\{([^}]*)\})?", query):
        faults.expect(metric in metrics, f"the dashboard asks for {metric}, which there is not: {query}")
        for label in re.findall(r"(\w+)\s*[=!]~?", labels):
            faults.expect(not metrics.get(metric) or label in metrics[metric], f"the dashboard asks for {label} of {metric}: {query}")
faults.expect(len(queries) > 5, "the dashboard asks for next to nothing")
faults.end(strict)
