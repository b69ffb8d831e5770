#include "harness/history/store/document_reader.h"

#include <algorithm>
#include <fstream>

#include <fmt/format.h>

#include "harness/base/atomic_file.h"
#include "harness/base/json_cursor.h"
#include "harness/base/sha256.h"
#include "harness/base/utc_time.h"
#include "harness/statistics/statistics.h"

namespace kernelgate::history {
namespace {

using nlohmann::json;

/// The parts of a document as they come; several of them are needed before any can be used.
struct Head {
  int schema_version = 0;
  bool has_cases = false;
  std::string status, device, device_kind, injection;
  json build, fingerprint;
};

/// Reused from run to run.
struct Buffers {
  std::vector<double> samples, clocks, controls;
};

CaseStatus status_of(const std::string& name) {
  for (CaseStatus status :
       {CaseStatus::measured, CaseStatus::skipped, CaseStatus::wrong, CaseStatus::invalid, CaseStatus::error})
    if (name == to_string(status)) return status;
  throw ResultError("unknown status '" + name + "'");
}

/// A run, whose night is not known before the document's own time is. Returns whether it can be used.
bool read_run(JsonCursor& in, Buffers& buffers, RunSummary& run) {
  buffers.samples.clear();
  buffers.clocks.clear();
  buffers.controls.clear();
  in.object([&](const std::string& key) {
    if (key == "samples_s")
      in.numbers(buffers.samples);
    else if (key == "sm_clock_hz")
      in.numbers(buffers.clocks);
    else if (key == "control_s")
      in.numbers(buffers.controls);
    else if (key == "started_utc")
      run.night = in.string();
    else if (key == "boot_id")
      run.boot = in.string();
    else
      in.skip();
  });
  if (!buffers.clocks.empty() && buffers.clocks.size() != buffers.samples.size())
    throw ResultError(fmt::format("{} samples but {} clocks", buffers.samples.size(), buffers.clocks.size()));
  const auto positive = [](double x) { return x > 0; };
  if (!std::ranges::all_of(buffers.controls, positive)) throw ResultError("a control that is no time");
  if (buffers.samples.size() < min_samples_per_run || !std::ranges::all_of(buffers.samples, positive)) return false;
  const Summary summary = summarize(buffers.samples);
  run.median_s = summary.median;
  run.q1_s = summary.q1;
  run.q3_s = summary.q3;
  run.samples = summary.count;
  if (!buffers.clocks.empty() && std::ranges::all_of(buffers.clocks, positive)) run.clock_hz = median(buffers.clocks);
  if (!buffers.controls.empty()) run.control_s = summarize(buffers.controls).q1;
  return true;
}

CaseInDocument read_case(JsonCursor& in, Buffers& buffers) {
  CaseInDocument one;
  bool usable = true, status_known = false;
  in.object([&](const std::string& key) {
    if (key == "name") {
      one.name = in.string();
    } else if (key == "status") {
      one.status = status_of(in.string());
      status_known = true;
    } else if (key == "injected") {
      one.injected = in.boolean();
    } else if (key == "code_hash") {
      one.code_hash = in.string();
    } else if (key == "runs") {
      in.array([&] {
        RunSummary run;
        usable = read_run(in, buffers, run) && usable;
        one.runs.push_back(std::move(run));
      });
    } else {
      in.skip();
    }
  });
  if (one.name.empty() || !status_known) throw ResultError("a case without a name or status");
  if (one.status != CaseStatus::measured) one.runs.clear();
  if (one.status == CaseStatus::measured && (!usable || one.runs.empty())) {
    one.status = CaseStatus::invalid;
    one.runs.clear();
  }
  return one;
}

void read_own_part(JsonCursor& in, Head& head, Document& document) {
  Buffers buffers;
  in.object([&](const std::string& key) {
    if (key == "schema_version") {
      head.schema_version = static_cast<int>(in.number());
    } else if (key == "status") {
      head.status = in.string();
    } else if (key == "started_utc") {
      document.started_utc = in.string();
    } else if (key == "device") {
      head.device = in.string();
    } else if (key == "device_kind") {
      head.device_kind = in.string();
    } else if (key == "injection") {
      head.injection = in.string();
    } else if (key == "build") {
      head.build = json::parse(in.raw());
    } else if (key == "fingerprint") {
      head.fingerprint = json::parse(in.raw());
    } else if (key == "cases") {
      head.has_cases = true;
      in.array([&] { document.cases.push_back(read_case(in, buffers)); });
    } else {
      in.skip();
    }
  });
}

void require_valid(const Head& head, const Document& document) {
  if (head.schema_version != result_schema_version) throw ResultError("another schema");
  if (head.status.empty() || head.device.empty() || head.device_kind.empty() || !head.has_cases)
    throw ResultError("parts are missing");
  std::set<std::string_view> names;
  for (const CaseInDocument& one : document.cases)
    if (!names.insert(one.name).second) throw ResultError(fmt::format("'{}' is there twice", one.name));
}

/// The build and environment, and the runs' nights.
void finish(Document& document, const Head& head, Environments& environments) {
  document.complete = head.status == "complete";
  document.injected = !head.injection.empty();
  if (head.build.is_object()) {
    if (const json commit = head.build.value("commit", json()); commit.is_string()) document.commit = commit;
    document.dirty = head.build.value("dirty", json()) == true;
  }
  // Only identity is compared; the rest changes every night.
  const json identity = head.fingerprint.is_object() ? head.fingerprint.value("identity", json()) : json();
  document.environment = environments.shared({head.device, head.device_kind, {{"identity", identity}}});
  std::map<std::string, std::string> nights;  // few times, of many runs
  for (CaseInDocument& one : document.cases)
    for (RunSummary& run : one.runs) {
      const std::string& time = run.night.empty() ? document.started_utc : run.night;
      const auto [place, fresh] = nights.try_emplace(time);
      if (fresh) place->second = night_of(time);
      run.night = place->second;
    }
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text;
  std::error_code failed;
  const auto size = std::filesystem::file_size(path, failed);
  if (in && !failed) {
    text.resize(size);
    in.read(text.data(), static_cast<std::streamsize>(size));
    text.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
  }
  return text;
}

/// Why it can't be used, in the words of the reader of whole results.
[[noreturn]] void refuse(const json& document, const std::string& where) {
  const bool foreign = !document.is_object() || !document.contains("kernelgate");
  try {
    result_from_json(document, where);
  } catch (const ResultError& error) {
    if (foreign) throw ForeignDocument(error.what(), error.code);
    throw;
  }
  throw ResultError(fmt::format("'{}' is not a result that history can read; measure again", where));
}

bool read_fast(std::string_view text, Document& document, Environments& environments) {
  try {
    Head head;
    bool own = false;
    JsonCursor in(text);
    in.object([&](const std::string& key) {
      if (key != "kernelgate") return in.skip();
      own = true;
      read_own_part(in, head, document);
    });
    if (!in.at_end() || !own) return false;
    require_valid(head, document);
    finish(document, head, environments);
    return true;
  } catch (const ResultError&) {
    return false;
  } catch (const json::exception&) {
    return false;
  }
}

}  // namespace

std::shared_ptr<const Environment> Environments::shared(Environment environment) {
  const std::string text = json{environment.device, environment.device_kind, environment.fingerprint}.dump(
      -1, ' ', false, json::error_handler_t::replace);
  const std::lock_guard lock(mutex_);
  auto& known = by_text_[text];
  if (!known) known = std::make_shared<const Environment>(std::move(environment));
  return known;
}

Document document_from_text(std::string_view text, const std::string& where, Environments& environments) {
  Document document;
  if (read_fast(text, document, environments)) return document;
  json whole = json::parse(text, nullptr, false);
  if (whole.is_discarded()) throw ResultError(fmt::format("'{}' is not JSON, or was cut short", where));
  refuse(whole, where);
}

ReadDocument read_document(const std::filesystem::path& path, Environments& environments) {
  const std::string text = text_of(path);
  ReadDocument read;
  if (read_fast(text, read.document, environments)) {
    read.hash = sha256(text);
    return read;
  }
  refuse(read_json(path), path.string());
}

}  // namespace kernelgate::history
