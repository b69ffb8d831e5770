#pragma once
// A page that needs no network and no server: one file with its style, its scripts and its data in it. Every command's
// page is this skeleton with a body and scripts of its own; docs/reports.md, "A page of one's own".
//
// What is a foreign word (a case's name, a reason) is text in it, never markup: HTML is escaped, and scripts get data
// as JSON and make elements, not HTML. Should one slip through all the same, the page's policy lets nothing run but the
// scripts whose hashes it names.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kernelgate {

/// A script or style, with what the page's policy calls it.
struct InlineText {
  std::string_view text;
  std::string_view hash;  ///< "sha256-<base64>", computed at build time (cmake/embed_texts.cmake)
};

/// How the verdict looks from afar.
enum class Tone { good, bad, unsure, none };

struct Page {
  std::string kind;   ///< what wrote it: "kernelgate compare"
  std::string title;  ///< of the window
  Tone tone = Tone::none;
  std::string word, headline;      ///< the verdict: "SLOWER", and what it is of in one sentence
  std::vector<std::string> lines;  ///< what else is to be said first
  std::string without_script;      ///< how to have the same without JavaScript, one sentence
  std::string footer;
  std::string_view body;                ///< HTML of our own; no foreign word may be in it
  std::span<const InlineText> scripts;  ///< run in this order, after the skeleton's own
  std::string data;                     ///< JSON; the scripts find it as `kg.data`
};

/// Whether pages have charts: the library was there when the program was built.
bool have_charts();

/// The whole file.
std::string page_text(const Page& page);

}  // namespace kernelgate
