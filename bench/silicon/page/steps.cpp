#include <fmt/format.h>

#include <cstdlib>
#include <sstream>

#include "bench/silicon/page/page_facts.h"

namespace kernelgate::silicon {

std::vector<Step> parse_steps(const std::string& text) {
  std::vector<Step> all;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    Step step;
    std::string exit;
    std::getline(words, step.name, '|');
    std::getline(words, step.state, '|');
    std::getline(words, exit, '|');
    std::getline(words, step.seconds, '|');
    std::getline(words, step.limit, '|');
    std::getline(words, step.why);
    step.exit = std::atoi(exit.c_str());
    if (step.name.empty() || step.state.empty()) continue;
    std::erase_if(all, [&](const Step& older) { return older.name == step.name; });
    all.push_back(std::move(step));
  }
  return all;
}

void read_steps(PageFacts& facts) {
  for (const Step& step : facts.steps) {
    if (step.state == "done") continue;
    std::string text = step.name + " ";
    if (step.state == "cut")
      text += fmt::format("was cut off after {} of its {} s", step.seconds, step.limit);
    else if (step.state == "failed")
      text += fmt::format("failed with exit {} after {} s", step.exit, step.seconds);
    else if (step.state == "running")
      text += "had begun, and nothing is known of its end";
    else
      text += "was not begun";
    if (!step.why.empty()) text += ": " + step.why;
    facts.not_done.push_back(text);
  }
}

}  // namespace kernelgate::silicon
