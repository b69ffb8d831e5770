#include "harness/history/store/foreign_documents.h"

#include <fmt/format.h>

#include "harness/history/store/content_hash.h"

namespace kernelgate::history {
namespace {

using nlohmann::json;

/// All that two runs could differ in.
std::string figures_of(const Document& document) {
  std::string text = fmt::format("{}\n{}\n{}\n", document.environment->device, document.started_utc, document.commit);
  for (const CaseInDocument& one : document.cases) {
    text += fmt::format("{} {}", one.name, to_string(one.status));
    for (const RunSummary& run : one.runs) text += fmt::format(" {} {} {}", run.median_s, run.q1_s, run.q3_s);
    text += '\n';
  }
  return text;
}

}  // namespace

Document document_of(const Side& side, Environments& environments) {
  Document document;
  document.started_utc = side.started_utc;
  if (side.build.is_object()) {
    if (const json commit = side.build.value("commit", json()); commit.is_string()) document.commit = commit;
    document.dirty = side.build.value("dirty", json()) == true;
  }
  json identity = side.fingerprint.is_object() ? side.fingerprint.value("identity", json::object()) : json::object();
  identity["source"] = side.source;
  document.environment = environments.shared({side.device, side.device_kind, {{"identity", std::move(identity)}}});
  for (const SideCase& from : side.cases)
    document.cases.push_back({from.name, from.status, from.injected, from.code_hash, from.runs});
  return document;
}

std::vector<ReadDocument> foreign_documents(const ForeignFormat& format, const json& whole,
                                            const std::filesystem::path& path, Environments& environments) {
  std::vector<ReadDocument> documents;
  for (const Side& side : read_foreign_runs(format, whole, path, "")) {
    ReadDocument& read = documents.emplace_back();
    read.document = document_of(side, environments);
    read.hash = content_hash(figures_of(read.document));
  }
  return documents;
}

}  // namespace kernelgate::history
