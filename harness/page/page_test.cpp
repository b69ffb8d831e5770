#include "harness/page/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/page/compact_json.h"
#include "harness/page/html_text.h"

namespace kernelgate {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Page sample_page(const std::string& word) {
  Page page;
  page.kind = page.title = page.word = page.headline = page.without_script = page.footer = word;
  page.lines = {word};
  page.body = "<p id=\"mine\"></p>";
  page.data = "{\"word\":" + nlohmann::json(word).dump() + "}";
  return page;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t times = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++times;
  return times;
}

TEST(Page, WordsStayWords) {
  const std::string plain = page_text(sample_page("plain")),
                    hostile = page_text(sample_page("</script><script>alert(1)</script><!-- @DATA@ \" ' &amp;"));
  EXPECT_THAT(plain, HasSubstr("<p id=\"mine\"></p>"));
  EXPECT_EQ(count(hostile, "<script"), count(plain, "<script"));
  EXPECT_EQ(count(hostile, "</script"), count(plain, "</script"));
  EXPECT_EQ(count(hostile, "<!--"), count(plain, "<!--"));
  EXPECT_THAT(hostile, HasSubstr("&lt;/script&gt;&lt;script&gt;alert(1)"));
  EXPECT_THAT(hostile, HasSubstr("@DATA@ ")) << "what is put in is not looked at again";
  for (const char* mark : {"@DATA@", "@SCRIPTS@", "@POLICY@", "@LINES@", "@BODY@", "@STYLE@"})
    EXPECT_THAT(plain, Not(HasSubstr(mark))) << "nothing was put in its place";
}

TEST(Page, ThePolicyNamesEachScriptAndNothingElse) {
  static constexpr InlineText own{"'mine';", "sha256-mine="};
  Page page = sample_page("x");
  page.scripts = {&own, 1};
  const std::string text = page_text(page);
  const std::size_t from = text.find("script-src"), to = text.find(';', from);
  const std::string allowed = text.substr(from, to - from);
  EXPECT_EQ(count(allowed, "'sha256-"), count(text, "<script>"));
  EXPECT_THAT(allowed, HasSubstr("'sha256-mine='"));
  EXPECT_THAT(text, HasSubstr("<script>'mine';</script>"));
  EXPECT_THAT(text, HasSubstr("default-src 'none'; script-src "));
  EXPECT_THAT(text, Not(HasSubstr("unsafe-")));
  EXPECT_EQ(count(text, "style="), 0U) << "the policy would refuse it";
}

TEST(HtmlText, JsonInAScriptSaysTheSame) {
  const nlohmann::json data = {{"</script>", "<!-- & \u2028\u2029 caf\u00e9 \\ \" \n"}};
  const std::string text = json_in_script(data.dump());
  EXPECT_EQ(nlohmann::json::parse(text), data);
  EXPECT_EQ(text.find_first_of("<>&"), std::string::npos);
  EXPECT_EQ(text.find("\u2028"), std::string::npos);
  EXPECT_EQ(text.find("\u2029"), std::string::npos);
}

TEST(CompactJson, IsJson) {
  CompactJson out;
  out.open('{');
  out.member("a", "q\"\\\n\x01\xff\u2028");
  out.key("list");
  out.open('[');
  out.number(0.1);
  out.number(1e300);
  out.number(std::optional<double>());
  out.number(INFINITY);
  out.whole(-3);
  out.share(1.5, 2);
  out.share(1e300, 1e-8);
  out.raw("[1]");
  out.open('[');
  out.close(']');
  out.texts({"x", "y"});
  out.close(']');
  out.close('}');
  const nlohmann::json read = nlohmann::json::parse(out.take());
  EXPECT_EQ(read["a"], "q\"\\\n\x01\ufffd\u2028");
  EXPECT_EQ(read["list"].dump(), R"([0.1,1e+300,null,null,-3,75000,null,[1],[],["x","y"]])");
}

TEST(CompactJson, WordsAreKeptOnce) {
  WordTable words;
  EXPECT_EQ(words.number_of("a"), 0U);
  EXPECT_EQ(words.number_of("b"), 1U);
  EXPECT_EQ(words.number_of("a"), 0U);
  EXPECT_THAT(words.words(), testing::ElementsAre("a", "b"));
}

}  // namespace
}  // namespace kernelgate
