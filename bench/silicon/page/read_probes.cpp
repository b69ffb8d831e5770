// Of the probes, of verify, and of the exploits: what is wrong, and what was left out.

#include <fmt/format.h>

#include <fstream>
#include <map>

#include "bench/silicon/json_lines.h"
#include "bench/silicon/page/page_facts.h"

namespace kernelgate::silicon {
namespace {

using nlohmann::json;

std::string word(const json& line, const char* key) {
  return line.contains(key) && line[key].is_string() ? line[key].get<std::string>() : "";
}

void say_broken(const std::string& file, bool broken, PageFacts& facts) {
  if (broken) facts.not_done.push_back(file + ": some lines are broken, as a full disk or a kill leaves them");
}

std::string difference_text(const json& line) {
  std::string text = word(line, "probe") + ": ";
  if (word(line, "outcome") == "different")
    text += fmt::format("byte {}: the executor has {}, the GPU {}; {} of {} elements differ", line.value("at", 0),
                        word(line, "executor"), word(line, "gpu"), line.value("elements", 0), line.value("of", 0));
  else if (word(line, "outcome") == "executor_error")
    text += "the executor fails: " + word(line, "text");
  else
    text += "the GPU fails: " + word(line, "text");
  if (!word(line, "open").empty()) text += " (" + word(line, "open") + ")";
  return text;
}

}  // namespace

void take_gpu(const json& header, PageFacts& facts) {
  if (!facts.gpu.empty() || word(header, "gpu").empty()) return;
  facts.gpu = word(header, "gpu");
  facts.driver = word(header, "driver");
  facts.date = word(header, "started_utc");
  facts.rehearsal = header.value("rehearsal", false);
}

void read_compare(const std::filesystem::path& folder, PageFacts& facts) {
  bool broken = false, ended = false;
  const auto lines = read_json_lines(folder / "compare.jsonl", broken);
  std::map<std::string, std::string> alone, skipped_by_name;
  std::map<std::string, int> skipped;
  std::size_t probes = 0, known = 0, same = 0;
  for (const json& line : lines) {
    if (line.contains("silicon")) take_gpu(line, facts), probes = line.value("probes", std::size_t{0});
    if (line.contains("end")) ended = true;
    if (line.contains("alone")) alone[word(line, "probe")] = word(line, "outcome");
  }
  for (const json& line : lines) {
    if (!line.contains("probe") || line.contains("alone")) continue;
    ++known;
    const std::string outcome = word(line, "outcome");
    if (outcome == "same")
      ++same;
    else if (outcome == "skipped")
      ++skipped[word(line, "text")];
    else {
      std::string text = difference_text(line);
      const auto again = alone.find(word(line, "probe"));
      if (again != alone.end() && again->second != outcome) text += "; alone: " + again->second;
      facts.wrong.push_back(text);
    }
  }
  for (const auto& [why, count] : skipped) facts.not_done.push_back(fmt::format("{} probes: {}", count, why));
  if (probes > known)
    facts.not_done.push_back(fmt::format("{} of {} probes were not compared", probes - known, probes));
  if (!lines.empty() && !ended && probes <= known) facts.not_done.push_back("compare was cut off after its last probe");
  if (known > 0) facts.done.push_back(fmt::format("{} of {} probes are the same on both sides", same, probes));
  say_broken("compare.jsonl", broken, facts);
}

void read_verify(const std::filesystem::path& folder, PageFacts& facts) {
  int right = 0, skipped = 0, wrong = 0;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("verify_") || !name.ends_with(".txt")) continue;
    std::ifstream in(entry.path());
    for (std::string line; std::getline(in, line);) {
      if (line.starts_with("right ")) ++right;
      if (line.starts_with("skipped ")) ++skipped;
      if (!line.starts_with("WRONG ")) continue;
      ++wrong;
      facts.wrong.push_back("verify: " + line.substr(line.find_first_not_of(' ', 6)));
    }
  }
  if (right + wrong + skipped > 0)
    facts.done.push_back(fmt::format("verify: {} proofs right, {} wrong, {} skipped", right, wrong, skipped));
}

void read_exploits(const std::filesystem::path& folder, PageFacts& facts) {
  bool broken = false;
  int right = 0, all = 0;
  for (const json& line : read_json_lines(folder / "exploits.jsonl", broken)) {
    if (line.contains("silicon")) take_gpu(line, facts);
    if (!line.contains("exploit")) continue;
    ++all;
    const std::string name = "exploit " + word(line, "exploit");
    if (!line.contains("caught"))
      facts.not_done.push_back(name + ": " + word(line, "text"));
    else if (!line.value("caught", false))
      facts.wrong.push_back(name + " was not caught: " + word(line, "text"));
    else if (!line.value("honest_kept", false))
      facts.wrong.push_back(name + ": the honest one beside it was refused: " + word(line, "text"));
    else
      ++right;
  }
  if (all > 0) facts.done.push_back(fmt::format("{} of {} exploits were caught as they should be", right, all));
  say_broken("exploits.jsonl", broken, facts);
}

}  // namespace kernelgate::silicon
