#include "kernels/user/expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "kernels/op/error.h"
#include "kernels/op/random.h"

namespace kernelgate {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

const Sizes sizes{{"m", 300}, {"n", 7}, {"zero", 0}, {"huge", std::numeric_limits<std::int64_t>::max()}};

std::int64_t whole(const std::string& text) { return whole_value(Expression(text), sizes); }

double real(const std::string& text, const std::map<std::string, TensorView>& tensors = {}) {
  const Expression expression(text);
  return BoundExpression(expression, sizes, tensors).real();
}

TEST(Expression, ReckonsWithWholeNumbersAsCDoes) {
  EXPECT_EQ(whole("2 + 3 * 4"), 14);
  EXPECT_EQ(whole("(2 + 3) * 4"), 20);
  EXPECT_EQ(whole("10 - 4 - 3"), 3);
  EXPECT_EQ(whole("(m + 255) / 256"), 2);
  EXPECT_EQ(whole("m % n"), 6);
  EXPECT_EQ(whole("-m / n"), -42);
  EXPECT_EQ(whole("ceil_div(m, 128)"), 3);
  EXPECT_EQ(whole("ceil_div(256, 128)"), 2);
  EXPECT_EQ(whole("min(m, n) + max(m, n) + abs(-5)"), 312);
  EXPECT_EQ(whole("if(m > 256, 2, 1)"), 2);
  EXPECT_EQ(whole("m % 4 == 0 && n % 4 == 0"), 0);
  EXPECT_EQ(whole("m % 4 == 0 || n % 4 == 0"), 1);
  EXPECT_EQ(whole("!(m <= 300) + (m >= 300) + (m != 300) + (m < 301)"), 2);
  EXPECT_EQ(whole("sum(k, n, k * k)"), 91);
  EXPECT_EQ(whole("sum(k, 3, sum(j, 4, k * 10 + j))"), 138);
}

TEST(Expression, DoesNotLookAtWhatNeedNotBeLookedAt) {
  EXPECT_EQ(whole("zero != 0 && m / zero > 1"), 0);
  EXPECT_EQ(whole("zero == 0 || m / zero > 1"), 1);
  EXPECT_EQ(whole("if(zero == 0, 1, m / zero)"), 1);
}

TEST(Expression, ReckonsWithRealNumbers) {
  EXPECT_DOUBLE_EQ(real("7 / 2"), 3.5);
  EXPECT_DOUBLE_EQ(real("1e-3 * 2.5"), 2.5e-3);
  EXPECT_DOUBLE_EQ(real("sqrt(2) + exp(1) + log(3) + tanh(0.5) + erf(0.5) + pow(2, 0.5) + floor(2.7)"),
                   std::sqrt(2.) + std::exp(1.) + std::log(3.) + std::tanh(.5) + std::erf(.5) + std::pow(2., .5) + 2);
  EXPECT_DOUBLE_EQ(real("m / n"), 300. / 7);
}

TEST(Expression, ReadsTensorsByIndexAndByPlace) {
  const float values[] = {0, 1, 2, 10, 11, 12};
  const std::map<std::string, TensorView> tensors{{"x", {values, Type::f32, {2, 3}}}};
  EXPECT_EQ(real("x[4]", tensors), 11);
  EXPECT_EQ(real("x[1, 2]", tensors), 12);
  EXPECT_EQ(real("sum(k, 3, x[1, k] * x[k])", tensors), 0 * 10 + 1 * 11 + 2 * 12);
  // Within the brackets a division drops its remainder.
  EXPECT_EQ(real("x[7 / 2]", tensors), 10);
}

TEST(Expression, SaysWhatIsWrongWithATextAndWhere) {
  const std::pair<const char*, const char*> texts[] = {
      {"", "at character 1: ends where a number, a name or ( is expected"},
      {"2 +", "at character 4: ends where"},
      {"(2", "at character 3: expected )"},
      {"2 3", "at character 3: expected an operator, or the end"},
      {"ceil(m)", "at character 1: there is no function 'ceil'; there are: sum, min"},
      {"min(1)", "at character 6: expected ,"},
      {"min(1, 2, 3)", "at character 9: expected )"},
      {"99999999999999999999", "a number of 2^63 or more"},
      {"sum(3, 4, 5)", "expected a name"},
      {"$m", "at character 1: expected a number, a name or ("},
      {"x[", "ends where"}};
  for (const auto& [text, said] : texts)
    EXPECT_THAT([&] { Expression expression(text); }, ThrowsMessage<Error>(HasSubstr(said))) << text;
  for (const char* one : {"(", "-"}) {
    std::string nested = "1";
    for (int i = 0; i < 100; ++i) nested.insert(0, one);
    EXPECT_THAT([&] { Expression expression(nested); }, ThrowsMessage<Error>(HasSubstr("deep"))) << nested;
  }
  EXPECT_THAT([] { Expression expression(std::string(3000, '1')); },
              ThrowsMessage<Error>(HasSubstr("2000 characters")));
}

TEST(Expression, SaysWhyAFormulaHasNoValue) {
  const std::pair<const char*, const char*> texts[] = {
      {"huge + 1", "'huge + 1': is 2^63 or more"},
      {"huge * 2", "is 2^63 or more"},
      {"-huge - 2", "is 2^63 or more"},
      {"abs(-huge - 1)", "is 2^63 or more"},
      {"(-huge - 1) / -1", "is 2^63 or more"},
      {"-(-huge - 1)", "is 2^63 or more"},
      {"m / zero", "divides by zero"},
      {"m % zero", "divides by zero"},
      {"ceil_div(m, zero)", "ceil_div needs"},
      {"2.5 * m", "a whole number is needed"},
      {"sqrt(m)", "a whole number is needed, and sqrt is of real ones"},
      {"rows * 2", "there is no size 'rows'; there are: huge, m, n, zero"},
      {"x[0]", "there is no tensor 'x' to read; there are none"},
      {"sum(k, huge, 1)", "sums more than 2^24 terms"}};
  for (const auto& [text, said] : texts)
    EXPECT_THAT([&] { whole(text); }, ThrowsMessage<Error>(HasSubstr(said))) << text;
  const float values[] = {1, 2, 3, 4};
  const std::map<std::string, TensorView> tensors{{"x", {values, Type::f32, {2, 2}}}};
  EXPECT_THAT([&] { real("x[4]", tensors); }, ThrowsMessage<Error>(HasSubstr("x[4] is not there: it has 4 elements")));
  EXPECT_THAT([&] { real("x[-1]", tensors); }, ThrowsMessage<Error>(HasSubstr("x[-1] is not there")));
  EXPECT_THAT([&] { real("x[0, 2]", tensors); }, ThrowsMessage<Error>(HasSubstr("no place 2 in dimension 2")));
  EXPECT_THAT([&] { real("x[0, 1, 1]", tensors); },
              ThrowsMessage<Error>(HasSubstr("has 2 dimensions, and [ ] names 3")));
}

TEST(Expression, NonsenseIsRefusedAndNothingElse) {
  const std::vector<std::string> words{
      "m", "n", "huge", "zero", "x", "[", "]",  "(", ")", "sum(", "min(",  "if(", ",",
      "+", "-", "*",    "/",    "%", "<", "&&", "!", "0", "3",    "1e308", ".",   "9223372036854775807",
      " ", "$"};
  const float values[] = {1, 2, 3};
  const std::map<std::string, TensorView> tensors{{"x", {values, Type::f32, {3}}}};
  Random random(1);
  int read = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (auto length = random.below(12); length > 0; --length) text += words[random.below(words.size())];
    try {
      const Expression expression(text);
      BoundExpression bound(expression, sizes, tensors);
      ++read;
      bound.real();
      bound.whole();
    } catch (const Error&) {
    }
  }
  EXPECT_GT(read, 500);
}

TEST(Expression, EndsWhereItWouldSumForHours) {
  EXPECT_THAT([] { whole("sum(i, 100000, sum(j, huge, 0))"); },
              ThrowsMessage<Error>(HasSubstr("sums more than 2^24 terms")));
}

}  // namespace
}  // namespace kernelgate
