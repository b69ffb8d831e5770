#include "bench/studies/real_histories/recorded_history.h"

#include <zlib.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

#include <fmt/format.h>

#include "harness/base/utc_time.h"
#include "harness/sides/foreign_run.h"

namespace kernelgate::real_histories {
namespace {

using nlohmann::json;

std::string unpacked(const std::filesystem::path& file) {
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> in(gzopen(file.c_str(), "rb"), gzclose);
  if (!in) throw std::runtime_error(fmt::format("{}: can't be opened", file.string()));
  std::string part(1 << 20, '\0'), all;
  int got = 0;
  while ((got = gzread(in.get(), part.data(), static_cast<unsigned>(part.size()))) > 0)
    all.append(part, 0, static_cast<std::size_t>(got));
  if (got < 0) throw std::runtime_error(fmt::format("{}: damaged", file.string()));
  return all;
}

/// Nothing else is known of the machine.
json identity_of(const Source& source) { return {{"identity", {{"name", source.name}}}}; }

}  // namespace

std::vector<Source> read_sources(const std::filesystem::path& file) {
  const json all = json::parse(unpacked(file), nullptr, false);
  if (!all.is_object()) throw std::runtime_error(fmt::format("{}: not a JSON object of sources", file.string()));
  std::vector<Source> sources;
  try {
    for (const auto& [name, one] : all.items()) {
      Source source{name, one.at("class").get<std::string>(), {}};
      for (const json& run : one.at("runs"))
        source.runs.push_back({utc_text(run.at("unix_s").get<long long>()), run.at("commit").get<std::string>(),
                               run.at("seconds").get<std::map<std::string, std::vector<double>>>()});
      std::ranges::stable_sort(source.runs, {}, &RecordedRun::started_utc);
      sources.push_back(std::move(source));
    }
  } catch (const json::exception& error) {
    throw std::runtime_error(fmt::format("{}: {}", file.string(), error.what()));
  }
  return sources;
}

history::Document document_of(const Source& source, const RecordedRun& run) {
  history::Document document;
  document.started_utc = run.started_utc;
  document.commit = run.commit;
  document.environment = std::make_shared<const history::Environment>(
      history::Environment{source.name, source.device_class, identity_of(source)});
  for (const auto& [name, values] : run.seconds) {
    history::CaseInDocument one{name, CaseStatus::measured, false, "", {run_of_samples(values)}};
    one.runs.front().night = night_of(run.started_utc);
    document.cases.push_back(std::move(one));
  }
  return document;
}

std::vector<history::Series> series_of(const Source& source, std::size_t runs) {
  history::SeriesBuilder builder;
  for (std::size_t i = 0; i < std::min(runs, source.runs.size()); ++i) builder.add(document_of(source, source.runs[i]));
  return builder.series({});
}

Side side_of(const Source& source, std::size_t first, std::size_t last) {
  Side side;
  side.device = source.name;
  side.device_kind = source.device_class;
  side.source = "recorded";
  side.fingerprint = identity_of(source);
  side.build = {{"commit", source.runs[first].commit}};
  side.description = fmt::format("{} runs of {}", last - first, source.name);
  for (const auto& [name, values] : source.runs[first].seconds) {
    SideCase one;
    one.name = one.op = name;
    for (std::size_t i = first; i < last; ++i) {
      const auto found = source.runs[i].seconds.find(name);
      if (found != source.runs[i].seconds.end()) one.runs.push_back(run_of_samples(found->second));
    }
    if (one.runs.size() == last - first) side.cases.push_back(std::move(one));
  }
  return side;
}

}  // namespace kernelgate::real_histories
