// One self-contained page: the verdict first, every case in a table, each case's charts, the machine, the command.

#include "harness/page/page.h"
#include "harness/report/page/page_data.h"
#include "harness/report/page/report_texts.h"

namespace kernelgate {
namespace {

Tone tone_of(News news) {
  switch (news) {
    case News::good:
      return Tone::good;
    case News::bad:
      return Tone::bad;
    case News::unsure:
      return Tone::unsure;
    case News::none:
      break;
  }
  return Tone::none;
}

std::string build_line(const Result* result) {
  if (result == nullptr || !result->build.is_object()) return "kernelgate";
  const auto word = [&](const char* key) {
    return result->build.contains(key) && result->build[key].is_string() ? result->build[key].get<std::string>() : "";
  };
  return fmt::format("kernelgate {}, commit {}; measured {}", word("version"), word("commit"), result->started_utc);
}

class HtmlReporter final : public Reporter {
 public:
  void write(std::ostream& out, const Report& report) const override {
    const Result* const measured = report.measured();
    Page page;
    page.kind = report.result != nullptr ? "kernelgate run" : "kernelgate compare";
    if (report.closing != nullptr) {
      const ClosingWords words = closing_words(*report.closing);
      const Headword head = headword(*report.closing);
      page.tone = tone_of(head.news);
      page.word = head.word;
      page.headline = words.decided;
      page.lines = {fmt::format("Exit code {}: {}.", static_cast<int>(report.closing->code), words.meaning),
                    "Next: " + words.next};
    } else {
      page.word = "Report";
    }
    page.title = fmt::format("{} {}", page.word, measured != nullptr ? measured->device : page.kind);
    page.without_script = "The same as text: kernelgate report RESULT --format markdown.";
    page.footer = build_line(measured);
    page.body = report_texts::report_body;
    const InlineText scripts[] = {report_texts::case_charts_script, report_texts::machine_charts_script,
                                  report_texts::report_script};
    page.scripts = scripts;
    page.data = page_data(report);
    out << page_text(page);
  }
};

const HtmlReporter html_reporter;
const RegisterReporter html_registered{
    {"html", "one page with tables and charts, which needs no network", &html_reporter}};

}  // namespace
}  // namespace kernelgate
