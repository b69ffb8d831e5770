#include <fmt/format.h>

#include "harness/accept/page/accept_texts.h"
#include "harness/accept/show/show.h"
#include "harness/page/page.h"

namespace kernelgate::accept {

std::string sheet_as_html(const Sheet& sheet, bool strict) {
  const Decision decision = decide(sheet, strict);
  Page page;
  page.kind = "kernelgate accept";
  page.title = fmt::format("{}: {}", decision.word, sheet.hostname.empty() ? "a server" : sheet.hostname);
  page.tone = decision.word == "ACCEPTED" ? Tone::good : decision.word == "REFUSED" ? Tone::bad : Tone::unsure;
  page.word = decision.word;
  page.headline = decision.headline;
  page.lines = {fmt::format("Next: {}", decision.next),
                fmt::format("{}, driver {}, {} to {}; {}", sheet.hostname, sheet.driver, sheet.started_utc,
                            sheet.ended_utc, sheet.check)};
  page.without_script = "The same as text is what kernelgate accept prints.";
  // The page is made of the same text that is in the file, sum and all.
  const std::string text = sheet_text(sheet, strict);
  page.footer =
      fmt::format("Sheet sha256 {}; kernelgate {} (commit {}). Accepted by: ______________________  Date: ____________",
                  sum_of(text), sheet.version, sheet.commit);
  page.body = accept_page_texts::accept_body;
  const InlineText scripts[] = {accept_page_texts::accept_script};
  page.scripts = scripts;
  page.data = text;
  return page_text(page);
}

}  // namespace kernelgate::accept
