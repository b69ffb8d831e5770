// The reader of JSON against nlohmann's: the same values and the same refusals, but for those it adds.

#include "harness/base/json/json_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>

#include <fmt/format.h>

#include "harness/base/atomic_file.h"
#include "harness/base/error.h"
#include "harness/result/result_for_test.h"

namespace kernelgate {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string error_of(const std::string& text, JsonDialect dialect = JsonDialect::strict) {
  try {
    parse_json(text, "x.json", dialect);
  } catch (const ResultError& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("'x.json'"), Not(HasSubstr("\n"))));
    return error.what();
  }
  return "no error";
}

/// Both take it, with equal values of equal types, or both refuse it.
void expect_agreement(const std::string& text) {
  const json theirs = json::parse(text, nullptr, false);
  json ours(json::value_t::discarded);
  std::string why;
  try {
    ours = parse_json(text, "x.json");
  } catch (const ResultError& error) {
    why = error.what();
  }
  if (why.find("for the second time") != std::string::npos) return;  // nlohmann silently takes the last
  if (!why.empty() && text.find('\0') != std::string::npos) return;  // and takes a zero byte for the end
  ASSERT_EQ(ours.is_discarded(), theirs.is_discarded()) << text << "\n" << why;
  if (theirs.is_discarded()) return;
  ASSERT_EQ(ours, theirs) << text;
  ASSERT_EQ(ours.dump(), theirs.dump()) << text;  // == takes 1 and 1.0 for one
}

TEST(JsonText, AgreesOnWhatIsJsonAndWhatIsNot) {
  for (const char* text : {"",
                           " ",
                           "{}",
                           "[]",
                           " [ ] ",
                           "[1,2]",
                           "[1,]",
                           "[,1]",
                           "[1 2]",
                           "{\"a\":1}",
                           "{\"a\":1,}",
                           "{\"a\" 1}",
                           "{a:1}",
                           "{\"a\":}",
                           "{\"\":[{}]}",
                           "[[[]]]",
                           "]",
                           "{]",
                           "[}",
                           "1",
                           "-1",
                           "- 1",
                           "-",
                           "+1",
                           "01",
                           "-0",
                           "-0.0",
                           "0",
                           "00",
                           "1.",
                           ".5",
                           "1.5",
                           "1e5",
                           "1E+5",
                           "1e-5",
                           "1e",
                           "1e+",
                           "1.e1",
                           "0x10",
                           "1_0",
                           "1e308",
                           "1e309",
                           "-1e309",
                           "1e-400",
                           "4.9e-324",
                           "2.2250738585072014e-308",
                           "0.1",
                           "123456789012345678901234567890",
                           "18446744073709551615",
                           "18446744073709551616",
                           "9223372036854775808",
                           "-9223372036854775808",
                           "-9223372036854775809",
                           "true",
                           "false",
                           "null",
                           "tru",
                           "truex",
                           "True",
                           "NaN",
                           "-NaN",
                           "Infinity",
                           "\"a\"",
                           "\"",
                           "\"a",
                           "'a'",
                           "\"\\n\\t\\\"\\\\\\/\\b\\f\\r\"",
                           "\"\\x\"",
                           "\"\\u00e9\\u20ac\\u0000\"",
                           "\"\\ud83d\\ude00\"",
                           "\"\\ud83d\"",
                           "\"\\ude00\"",
                           "\"\\ud83dx\"",
                           "\"\\ud83d\\u0041\"",
                           "\"\\u12\"",
                           "\"\\u-123\"",
                           "\"\\u+123\"",
                           "\"\\uABcd\"",
                           "\"a\nb\"",
                           "\"a\tb\"",
                           "\"\x7f\"",
                           "1 2",
                           "{} x",
                           "// c\n1",
                           "\xEF\xBB\xBF[1]",
                           "\xEF\xBB[1]",
                           "\r\n[1,\r\n2]\r\n",
                           "\v1",
                           "\"\xC3\xA9\"",
                           "\"\xE2\x82\xAC\"",
                           "\"\xF0\x9F\x98\x80\"",
                           "\"\xC0\x80\"",
                           "\"\xE0\x80\x80\"",
                           "\"\xED\xA0\x80\"",
                           "\"\xF4\x90\x80\x80\"",
                           "\"\xF5\x80\x80\x80\"",
                           "\"\x80\"",
                           "\"\xE9\"",
                           "\"\xE2\x82\"",
                           "\xC3\xA9",
                           "[1]]",
                           "[[1]",
                           "{}}",
                           "[1:2]",
                           "[\"a\":1]",
                           "{\"a\":1:2}",
                           "{\"a\":1 \"b\":2}",
                           "[truex]",
                           "[nul]",
                           "[01]",
                           "[-01]",
                           "[1.]",
                           "[-]",
                           "[0.12345678901234567890123]",
                           "[1234567890.12345678901234567890]",
                           "[-9223372036854775808, 9223372036854775808, 18446744073709551616]"})
    expect_agreement(text);
  expect_agreement(std::string("\"a\0b\"", 5));
  expect_agreement(std::string("1\0", 2));
  expect_agreement(std::string("[1\0.5]", 7));
}

TEST(JsonText, AgreesOnBrokenDocuments) {
  const std::string whole =
      dump_lines(to_json(for_test::made_result({for_test::made_case("caf\xC3\xA9 \xE2\x82\xAC", {{1e-3, 2}})}))) +
      "{\"a\": [true, null, -1.5e-3, \"\\u00e9\\ud83d\\ude00\"]}";
  std::mt19937 random(1);
  const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
  static constexpr std::string_view bytes = "{}[]:,\"\\ \n0-.eEu\xC3\xA9\xED\xA0\x80ntf+1";
  for (int i = 0; i < 20000; ++i) {
    // A window, so that small mistakes are not lost behind the first.
    const std::size_t from = i % 2 ? 0 : below(whole.size()), length = i % 2 ? whole.size() : 1 + below(60);
    std::string text = whole.substr(from, length);
    for (std::size_t edits = below(3); edits-- > 0 && !text.empty();) {
      const std::size_t at = below(text.size());
      switch (below(4)) {
        case 0:
          text.erase(at, 1 + below(3));
          break;
        case 1:
          text.insert(at, 1, bytes[below(bytes.size())]);
          break;
        case 2:
          text[at] = static_cast<char>(below(256));
          break;
        default:
          text.resize(at);
      }
    }
    expect_agreement(text);
    if (HasFatalFailure()) return;
  }
}

TEST(JsonText, AgreesOnNumbers) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 20000; ++i) {
    const std::uint64_t bits = random();
    double number = 0;
    std::memcpy(&number, &bits, sizeof number);
    if (!std::isfinite(number)) continue;
    expect_agreement(fmt::format("{}", number));
    expect_agreement(fmt::format("{:.17g}", number));
    expect_agreement(fmt::format("{:.3e}", number));
    expect_agreement(fmt::format("{:.25g}", number));
    expect_agreement(fmt::format("[{0}, {0:.17g} , {0:.25g}\n]", number));
    expect_agreement(fmt::format("{}", static_cast<std::int64_t>(bits)));
  }
}

TEST(JsonText, ACutIsSaidToBeOne) {
  const std::string whole = "{\"a\": [true, 12.5e-3, \"\\u00e9 \xE2\x82\xAC\"], \"b\": null}";
  for (std::size_t length = 1; length < whole.size(); ++length)
    EXPECT_THAT(error_of(whole.substr(0, length)),
                AllOf(HasSubstr("truncated"), HasSubstr(fmt::format("byte {} ", length))))
        << length;
  EXPECT_EQ(error_of(whole), "no error");
  EXPECT_THAT(error_of(whole + "}"), HasSubstr(fmt::format("unexpected text at byte {};", whole.size() + 1)));
}

TEST(JsonText, RefusesWhatIsAmbiguousOrEndless) {
  EXPECT_THAT(error_of("{\"a\": 1, \"b\": {\"a\": 2}, \"a\": 3}"), HasSubstr("the key 'a' for the second time"));
  for (const char* open : {"[", "{\"a\":"}) {
    std::string deep;
    for (int i = 0; i < 1'000'000; ++i) deep += open;
    EXPECT_THAT(error_of(deep), HasSubstr("nested deeper than 100 levels"));
  }
  EXPECT_EQ(error_of(std::string(100, '[') + std::string(100, ']')), "no error");
  EXPECT_THAT(error_of(std::string(101, '[') + std::string(101, ']')), HasSubstr("nested deeper"));
  EXPECT_THAT(error_of(std::string("\xFF\xFE{\0}\0", 6)), HasSubstr("is UTF-16"));
  EXPECT_THAT(error_of("\xEF\xBB\xBF"), HasSubstr("is empty"));
  EXPECT_THAT(error_of("[1e400]"), AllOf(HasSubstr("1e400 is out of range"), HasSubstr("byte 2")));
}

TEST(JsonText, NumbersThatJsonLacksAreKeptAsTextOnDemand) {
  for (const char* word : {"NaN", "-NaN", "nan", "-nan", "Infinity", "-Infinity", "inf", "-inf", "1e400", "-1e400"}) {
    const std::string text = fmt::format("{{\"a\": [{}, 1]}}", word);
    EXPECT_NE(error_of(text), "no error") << word;
    EXPECT_EQ(parse_json(text, "x.json", JsonDialect::of_others)["a"][0], word);
  }
  for (const char* word : {"NaNs", "-Na", "infinite", "+inf", "--1", "-"})
    EXPECT_NE(error_of(fmt::format("[{}]", word), JsonDialect::of_others), "no error") << word;
}

TEST(JsonText, OfAKeyThatIsTwiceInARowTheFirstCounts) {
  const std::string row = R"({"rows": [{"a": 1, "a": 2, "b": {"c": 3, "c": {"d": 4}}}]})";
  EXPECT_THROW(parse_json(row, "x.json"), ResultError);
  const nlohmann::json read = parse_json(row, "x.json", JsonDialect::of_others);
  EXPECT_EQ(read["rows"][0]["a"], 1);
  EXPECT_EQ(read["rows"][0]["b"]["c"], 3);
  // Above the rows it is a damaged file.
  for (const char* damaged : {R"({"rows": [], "rows": []})", R"({"context": {"a": 1, "a": 2}})"})
    EXPECT_THROW(parse_json(damaged, "x.json", JsonDialect::of_others), ResultError) << damaged;
}

}  // namespace
}  // namespace kernelgate
