#include "harness/history/store/document_reader.h"

#include <algorithm>
#include <cmath>
#include <fstream>

#include <fmt/format.h>
#include <simdjson.h>

#include "harness/base/atomic_file.h"
#include "harness/base/json/json_key.h"
#include "harness/base/json/json_number.h"
#include "harness/base/utc_time.h"
#include "harness/history/store/content_hash.h"
#include "harness/history/store/foreign_documents.h"
#include "harness/sides/foreign.h"
#include "harness/sides/run_summary.h"
#include "harness/statistics/statistics.h"

namespace kernelgate::history {
namespace {

using nlohmann::json;
namespace ondemand = simdjson::ondemand;

/// The parts of a document as they come; several of them are needed before any can be used.
struct Head {
  int schema_version = 0;
  bool has_cases = false;
  std::string status, device, device_kind, injection;
  json build, fingerprint;
};

CaseStatus status_of(const std::string& name) {
  for (CaseStatus status :
       {CaseStatus::measured, CaseStatus::skipped, CaseStatus::wrong, CaseStatus::invalid, CaseStatus::error})
    if (name == to_string(status)) return status;
  throw ResultError("unknown status '" + name + "'");
}

std::string text_of(ondemand::value from) { return std::string(from.get_string().value()); }

double number_of(ondemand::value from) {
  const std::string_view token = from.raw_json_token();
  const std::optional<double> number = json_double(token.substr(0, token.find_last_not_of(" \n\r\t") + 1));
  if (!number || !std::isfinite(*number)) throw ResultError("no number");
  return *number;
}

void read_numbers(ondemand::array from, std::vector<double>& into) {
  into.clear();
  for (ondemand::value one : from) into.push_back(number_of(one));
}

/// `run` is reused from run to run, for the room that it has.
void read_run(ondemand::object in, CaseRun& run) {
  for (auto* numbers : {&run.samples_s, &run.sm_clock_hz, &run.control_s}) numbers->clear();
  run.started_utc.clear();
  run.boot_id.clear();
  for (ondemand::field field : in) {
    const std::string_view key = key_of(field);
    if (key == "samples_s")
      read_numbers(field.value(), run.samples_s);
    else if (key == "sm_clock_hz")
      read_numbers(field.value(), run.sm_clock_hz);
    else if (key == "control_s")
      read_numbers(field.value(), run.control_s);
    else if (key == "started_utc")
      run.started_utc = text_of(field.value());
    else if (key == "boot_id")
      run.boot_id = text_of(field.value());
  }
  require_possible(run);
}

CaseInDocument read_case(ondemand::object in, CaseRun& run) {
  CaseInDocument one;
  bool usable = true, status_known = false;
  for (ondemand::field field : in) {
    const std::string_view key = key_of(field);
    if (key == "name") {
      one.name = text_of(field.value());
    } else if (key == "status") {
      one.status = status_of(text_of(field.value()));
      status_known = true;
    } else if (key == "injected") {
      one.injected = field.value().get_bool();
    } else if (key == "code_hash") {
      one.code_hash = text_of(field.value());
    } else if (key == "runs") {
      for (ondemand::value run_in : field.value().get_array()) {
        read_run(run_in, run);
        usable = usable && fault_of(run).empty();
        if (!usable) continue;
        one.runs.push_back(summary_of(run));
        one.runs.back().night = run.started_utc;  // the document's own time may not be known yet
      }
    }
  }
  if (one.name.empty() || !status_known) throw ResultError("a case without a name or status");
  if (one.status != CaseStatus::measured) one.runs.clear();
  if (one.status == CaseStatus::measured && (!usable || one.runs.empty())) {
    one.status = CaseStatus::invalid;
    one.runs.clear();
  }
  return one;
}

void read_own_part(ondemand::object in, Head& head, Document& document) {
  CaseRun run;
  for (ondemand::field field : in) {
    const std::string_view key = key_of(field);
    if (key == "schema_version") {
      head.schema_version = static_cast<int>(number_of(field.value()));
    } else if (key == "status") {
      head.status = text_of(field.value());
    } else if (key == "started_utc") {
      document.started_utc = text_of(field.value());
    } else if (key == "device") {
      head.device = text_of(field.value());
    } else if (key == "device_kind") {
      head.device_kind = text_of(field.value());
    } else if (key == "injection") {
      head.injection = text_of(field.value());
    } else if (key == "build") {
      head.build = json::parse(simdjson::to_json_string(field.value()).value());
    } else if (key == "fingerprint") {
      head.fingerprint = json::parse(simdjson::to_json_string(field.value()).value());
    } else if (key == "cases") {
      head.has_cases = true;
      for (ondemand::value one : field.value().get_array()) document.cases.push_back(read_case(one, run));
    }
  }
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
  const json informational = head.fingerprint.is_object() ? head.fingerprint.value("informational", json()) : json();
  if (const json host = informational.is_object() ? informational.value("hostname", json()) : json(); host.is_string())
    document.host = host;
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

/// With room behind it, as simdjson reads by blocks.
std::string file_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text;
  std::error_code failed;
  const auto size = std::filesystem::file_size(path, failed);
  if (in && !failed) {
    text.reserve(size + simdjson::SIMDJSON_PADDING);
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

/// `text` has room for simdjson behind its end. What nobody asks for is passed over unread.
bool read_fast(const std::string& text, Document& document, Environments& environments) {
  try {
    Head head;
    bool own = false;
    ondemand::parser parser;
    ondemand::document whole = parser.iterate(text);
    for (ondemand::field field : whole.get_object()) {
      if (key_of(field) != "kernelgate") continue;
      own = true;
      read_own_part(field.value(), head, document);
    }
    const bool ended = whole.current_location().error() == simdjson::OUT_OF_BOUNDS;
    if (!ended || !own) return false;
    require_valid(head, document);
    finish(document, head, environments);
    return true;
  } catch (const ResultError&) {
    return false;
  } catch (const json::exception&) {
    return false;
  } catch (const simdjson::simdjson_error&) {
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
  std::string padded;
  padded.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  if (read_fast(padded.assign(text), document, environments)) return document;
  json whole = json::parse(text, nullptr, false);
  if (whole.is_discarded()) throw ResultError(fmt::format("'{}' is not JSON, or was cut short", where));
  refuse(whole, where);
}

std::vector<ReadDocument> read_documents(const std::filesystem::path& path, Environments& environments) {
  const std::string text = file_of(path);
  ReadDocument read;
  if (read_fast(text, read.document, environments)) {
    read.hash = content_hash(text);
    return {std::move(read)};
  }
  const json whole = foreign_json(read_text(path), path.string());
  if (const ForeignFormat* format = foreign_format(whole)) return foreign_documents(*format, whole, path, environments);
  refuse(whole, path.string());
}

}  // namespace kernelgate::history
