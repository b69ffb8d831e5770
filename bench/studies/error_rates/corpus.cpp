#include "bench/studies/error_rates/corpus.h"

#include <zlib.h>

#include <algorithm>
#include <map>
#include <memory>
#include <stdexcept>
#include <string_view>

#include <fmt/format.h>

#include "harness/result/result.h"

namespace kernelgate::error_rates {
namespace {

using nlohmann::json;

std::string unpacked(const std::filesystem::path& file) {
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> in(gzopen(file.c_str(), "rb"), gzclose);
  if (!in) throw std::runtime_error(fmt::format("{}: can't be opened", file.string()));
  std::string text(1 << 20, '\0');
  std::string all;
  int got = 0;
  while ((got = gzread(in.get(), text.data(), static_cast<unsigned>(text.size()))) > 0)
    all.append(text, 0, static_cast<std::size_t>(got));
  if (got < 0) throw std::runtime_error(fmt::format("{}: damaged", file.string()));
  return all;
}

CaseRun run_of(const json& line) {
  CaseRun run;
  line.at("run").get_to(run.run);
  line.at("samples_s").get_to(run.samples_s);
  line.at("utc").get_to(run.started_utc);
  if (line.contains("control_s")) run.control_s.assign(1, line.at("control_s").get<double>());
  return run;
}

}  // namespace

Corpus read_corpus(const std::filesystem::path& file) {
  const std::string text = unpacked(file);
  Corpus corpus;
  std::map<int, Result> sessions;
  std::size_t number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const json line = json::parse(std::string_view(text).substr(begin, end - begin), nullptr, false);
    begin = end + 1;
    ++number;
    if (line.is_discarded()) throw std::runtime_error(fmt::format("{}: line {} is no JSON", file.string(), number));
    if (number == 1) {
      if (line.value("corpus", 0) != 1) throw std::runtime_error(fmt::format("{}: not a corpus", file.string()));
      corpus.device_kind = line.at("device_kind");
      corpus.about = fmt::format("{} ({}), commit {}, {} to {}", line.at("device").get<std::string>(),
                                 line.at("identity").value("cpu_model", line.at("identity").value("gpu_name", "?")),
                                 line.at("build").get<std::string>(), line.at("first_utc").get<std::string>(),
                                 line.at("last_utc").get<std::string>());
      continue;
    }
    Result& session = sessions[line.at("session").get<int>()];
    const std::string name = line.at("case");
    auto found = std::ranges::find(session.cases, name, &CaseResult::name);
    if (found == session.cases.end()) {
      session.cases.emplace_back();
      found = session.cases.end() - 1;
      found->name = name;
      found->op = name.substr(0, name.find('/'));
    }
    found->runs.push_back(run_of(line));
  }
  for (auto& [number_of, session] : sessions) {
    session.device_kind = corpus.device_kind;
    session.fingerprint = {{"identity", {{"kind", corpus.device_kind}}}};
    corpus.sessions.push_back(side_of(session));
    corpus.samples.emplace_back();
    for (const CaseResult& one : session.cases) {
      corpus.samples.back().emplace_back();
      for (const CaseRun& run : one.runs) corpus.samples.back().back().push_back(run.samples_s);
    }
    const auto& first = corpus.sessions.front().cases;
    const auto& last = corpus.sessions.back().cases;
    const bool alike = std::ranges::equal(first, last, [](const SideCase& a, const SideCase& b) {
      return a.name == b.name && a.runs.size() == b.runs.size();
    });
    if (!alike) throw std::runtime_error(fmt::format("{}: session {} has other cases", file.string(), number_of));
  }
  if (corpus.sessions.empty()) throw std::runtime_error(fmt::format("{}: no sessions", file.string()));
  return corpus;
}

}  // namespace kernelgate::error_rates
