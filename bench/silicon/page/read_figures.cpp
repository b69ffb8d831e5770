// Of the microbenchmarks: which figures of the model this GPU does not have.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "bench/silicon/json_lines.h"
#include "bench/silicon/measure/gpu_file.h"
#include "bench/silicon/page/page_facts.h"

namespace kernelgate::silicon {

void read_figures(const std::filesystem::path& folder, PageFacts& facts) {
  constexpr double worth_saying = 0.1;
  bool broken = false;
  std::string like;
  std::vector<Figure> figures;
  for (const nlohmann::json& line : read_json_lines(folder / "measure.jsonl", broken)) {
    if (line.contains("silicon")) {
      take_gpu(line, facts);
      like = line.value("like", "");
    }
    if (!line.contains("microbenchmark")) continue;
    if (line.contains("key") && line.value("value", nlohmann::json()).is_number())
      figures.push_back(
          {line.value("key", ""), line["value"].get<double>(), line.value("unit", ""), line.value("how", "")});
    else
      facts.not_done.push_back(
          fmt::format("microbenchmark {}: {}", line.value("microbenchmark", ""), line.value("text", "")));
  }
  if (broken) facts.not_done.emplace_back("measure.jsonl: some lines are broken, as a full disk or a kill leaves them");
  if (figures.empty()) return;
  auto all = moved(like, figures);
  const auto share = [](const Moved& one) { return one.assumed > 0 ? one.measured / one.assumed - 1 : 0; };
  std::ranges::sort(all, std::greater{}, [&](const Moved& one) { return std::abs(share(one)); });
  std::size_t close = 0;
  for (const Moved& one : all) {
    if (std::abs(share(one)) <= worth_saying) {
      ++close;
      continue;
    }
    facts.wrong.push_back(fmt::format("model of {}: {} is {:.4g}, measured {:.4g} ({:+.0f} %)", like, one.key,
                                      one.assumed, one.measured, 100 * share(one)));
  }
  facts.done.push_back(fmt::format("{} figures measured, {} of them the model's; {} of these within 10 %",
                                   figures.size(), all.size(), close));
}

}  // namespace kernelgate::silicon
