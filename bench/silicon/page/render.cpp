#include <fmt/format.h>

#include "bench/silicon/page/page_facts.h"

namespace kernelgate::silicon {
namespace {

class Page {
 public:
  explicit Page(PageFormat format) : markdown_(format == PageFormat::markdown) {}

  void title(const std::string& text) { text_ += markdown_ ? "# " + text + "\n\n" : text + "\n\n"; }
  void heading(const std::string& text) {
    text_ += markdown_ ? "## " + text + "\n" : text + "\n" + std::string(text.size(), '-') + "\n";
  }
  void paragraph(const std::string& text) { text_ += text + "\n\n"; }
  void list(const std::vector<std::string>& lines, const std::string& nothing) {
    for (const std::string& line : lines) text_ += "- " + (markdown_ ? escaped(line) : line) + '\n';
    if (lines.empty()) text_ += nothing + "\n";
    text_ += '\n';
  }
  const std::string& text() const { return text_; }

 private:
  static std::string escaped(const std::string& line) {
    std::string out;
    for (char c : line) {
      if (c == '*' || c == '_' || c == '<' || c == '`') out += '\\';
      out += c == '\n' ? ' ' : c;
    }
    return out;
  }
  bool markdown_;
  std::string text_;
};

std::string verdict(const PageFacts& facts) {
  if (facts.done.empty()) return "NOTHING is known: no step has told anything.";
  std::string text = facts.wrong.empty() ? "Nothing was found wrong."
                                         : fmt::format("Wrong: {} findings. Read them first.", facts.wrong.size());
  if (!facts.not_done.empty()) text += fmt::format(" Not done: {}.", facts.not_done.size());
  return text;
}

}  // namespace

std::string render(const PageFacts& facts, PageFormat format) {
  Page page(format);
  page.title(facts.gpu.empty() ? "What this GPU has told" : "What this " + facts.gpu + " has told");
  if (facts.rehearsal) page.paragraph("REHEARSAL: the host executor stood in the GPU's place.");
  page.paragraph(verdict(facts));
  if (!facts.date.empty())
    page.paragraph(fmt::format("Begun {}, driver {}.", facts.date, facts.driver.empty() ? "not known" : facts.driver));
  page.heading("What the executor, the kernels, the guards or the model had wrong");
  page.list(facts.wrong, facts.done.empty() ? "Not known." : "Nothing of what was done.");
  page.heading("What was not done, and why");
  page.list(facts.not_done, "Everything was done.");
  page.heading("What was done");
  page.list(facts.done, "Nothing.");
  page.heading("Steps");
  std::vector<std::string> steps;
  for (const Step& step : facts.steps)
    steps.push_back(fmt::format("{}: {}{}{}", step.name, step.state,
                                step.seconds.empty() ? "" : fmt::format(", {} of {} s", step.seconds, step.limit),
                                step.state == "done" && step.exit != 0 ? fmt::format(", exit {}", step.exit) : ""));
  page.list(steps, "None is recorded.");
  return page.text();
}

}  // namespace kernelgate::silicon
