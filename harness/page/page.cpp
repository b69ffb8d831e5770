#include "harness/page/page.h"

#include <map>

#include <fmt/format.h>

#include "harness/base/printable.h"
#include "harness/page/html_text.h"
#include "harness/page/page_texts.h"

namespace kernelgate {
namespace {

std::string_view tone_class(Tone tone) {
  switch (tone) {
    case Tone::good:
      return "good";
    case Tone::bad:
      return "bad";
    case Tone::unsure:
      return "unsure";
    case Tone::none:
      return "none";
  }
  return "none";
}

/// Nothing is loaded, sent or framed, and nothing runs but what is named here.
std::string policy(std::span<const InlineText> scripts) {
  std::string script_hashes;
  for (const InlineText& one : scripts) script_hashes += fmt::format(" '{}'", one.hash);
  return fmt::format(
      "default-src 'none'; script-src{}; style-src '{}'; img-src data:; base-uri 'none'; form-action 'none'",
      script_hashes, page_texts::page_style.hash);
}

/// A foreign word: on its line, visible, and no markup.
std::string text(std::string_view word) { return html_escaped(one_line(word)); }

std::string paragraphs(const std::vector<std::string>& lines) {
  std::string html;
  for (const std::string& line : lines) html += fmt::format("<p>{}</p>\n", text(line));
  return html;
}

/// @NAME@ in the template becomes what is named so. One pass: what is put in is not looked at again.
std::string filled(std::string_view page, const std::map<std::string_view, std::string_view>& parts) {
  std::size_t size = page.size();
  for (const auto& [name, part] : parts) size += part.size();
  std::string out;
  out.reserve(size);
  for (std::size_t begin; (begin = page.find('@')) != std::string_view::npos;) {
    const std::size_t end = page.find('@', begin + 1);
    const auto part = end == std::string_view::npos ? parts.end() : parts.find(page.substr(begin + 1, end - begin - 1));
    out += page.substr(0, begin);
    out += part == parts.end() ? "@" : part->second;
    page.remove_prefix(part == parts.end() ? begin + 1 : end + 1);
  }
  return out += page;
}

}  // namespace

bool have_charts() { return !page_texts::chart_library.text.empty(); }

std::string page_text(const Page& page) {
  std::vector<InlineText> scripts;
  if (have_charts()) scripts.push_back(page_texts::chart_library);
  scripts.insert(scripts.end(), {page_texts::page_script, page_texts::table_script, page_texts::chart_script});
  scripts.insert(scripts.end(), page.scripts.begin(), page.scripts.end());
  std::string script_tags;
  for (const InlineText& one : scripts) script_tags += fmt::format("<script>{}</script>\n", one.text);
  const std::string title = text(page.title), kind = text(page.kind), word = text(page.word),
                    headline = text(page.headline), lines = paragraphs(page.lines),
                    without_script = text(page.without_script), footer = text(page.footer),
                    data = json_in_script(page.data), allowed = policy(scripts);
  return filled(page_texts::page_html, {{"POLICY", allowed},
                                        {"TITLE", title},
                                        {"STYLE", page_texts::page_style.text},
                                        {"TONE", tone_class(page.tone)},
                                        {"KIND", kind},
                                        {"WORD", word},
                                        {"HEADLINE", headline},
                                        {"LINES", lines},
                                        {"WITHOUT_SCRIPT", without_script},
                                        {"BODY", page.body},
                                        {"FOOTER", footer},
                                        {"DATA", data},
                                        {"SCRIPTS", script_tags}});
}

}  // namespace kernelgate
