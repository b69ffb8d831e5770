#include "kernels/user/expression.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "kernels/op/bf16.h"
#include "kernels/op/error.h"
#include "kernels/op/f16.h"

namespace kernelgate {
namespace {

constexpr std::int64_t most_terms = 1 << 24;  // of one value: a third of a second
constexpr const char* too_large = "is 2^63 or more";

template <class Number>
constexpr bool real_numbers = std::is_same_v<Number, double>;

/// Of a number that is whole already; never called for others.
template <class Number>
std::int64_t whole_of(Number number) {
  return static_cast<std::int64_t>(number);
}

template <class T>
T element_of(const void* data, std::int64_t index) {
  T value;
  std::memcpy(&value, static_cast<const std::byte*>(data) + static_cast<std::size_t>(index) * sizeof(T), sizeof(T));
  return value;
}

std::string joined(const Sizes& sizes, const std::map<std::string, TensorView>& tensors, bool of_tensors) {
  std::string text;
  const auto add = [&text](const std::string& name) { text += (text.empty() ? "" : ", ") + name; };
  if (of_tensors)
    for (const auto& [name, tensor] : tensors) add(name);
  else
    for (const auto& [name, value] : sizes) add(name);
  return text.empty() ? "there are none" : "there are: " + text;
}

}  // namespace

std::int64_t TensorView::count() const {
  std::int64_t all = 1;
  for (const std::int64_t size : shape) all *= size;
  return all;
}

double TensorView::at(std::int64_t index) const {
  switch (type) {
    case Type::f16:
      return to_float(element_of<f16>(data, index));
    case Type::bf16:
      return to_float(element_of<bf16>(data, index));
    case Type::i16:
      return element_of<std::int16_t>(data, index);
    case Type::f32:
      break;
  }
  return element_of<float>(data, index);
}

BoundExpression::BoundExpression(const Expression& expression, const Sizes& sizes,
                                 const std::map<std::string, TensorView>& tensors)
    : expression_(expression), values_(expression.slots()) {
  for (std::size_t i = 0; i < expression.names().size(); ++i) {
    const auto found = sizes.find(expression.names()[i]);
    if (found == sizes.end())
      fail("there is no size '" + expression.names()[i] + "'; " + joined(sizes, tensors, false));
    values_[i] = found->second;
  }
  for (const std::string& name : expression.tensors()) {
    const auto found = tensors.find(name);
    if (found == tensors.end()) fail("there is no tensor '" + name + "' to read; " + joined(sizes, tensors, true));
    tensors_.push_back(found->second);
  }
}

void BoundExpression::fail(const std::string& what) const { throw Error("'" + expression_.text() + "': " + what); }

void BoundExpression::set(std::string_view name, std::int64_t value) {
  const auto& names = expression_.names();
  if (const auto found = std::ranges::find(names, name); found != names.end())
    values_[static_cast<std::size_t>(found - names.begin())] = value;
}

double BoundExpression::element(const Expression::Node& node) {
  const TensorView& tensor = tensors_[node.slot];
  std::int64_t index = 0;
  if (node.parts.size() == 1 && tensor.shape.size() != 1) {
    index = value<std::int64_t>(node.parts.front());
    if (index < 0 || index >= tensor.count())
      fail(node.word + "[" + std::to_string(index) + "] is not there: it has " + std::to_string(tensor.count()) +
           " elements");
    return tensor.at(index);
  }
  if (node.parts.size() != tensor.shape.size())
    fail(node.word + " has " + std::to_string(tensor.shape.size()) + " dimensions, and [ ] names " +
         std::to_string(node.parts.size()));
  for (std::size_t i = 0; i < node.parts.size(); ++i) {
    const auto place = value<std::int64_t>(node.parts[i]);
    if (place < 0 || place >= tensor.shape[i])
      fail(node.word + " has no place " + std::to_string(place) + " in dimension " + std::to_string(i + 1) +
           ", which has " + std::to_string(tensor.shape[i]));
    index = index * tensor.shape[i] + place;
  }
  return tensor.at(index);
}

std::int64_t BoundExpression::quotient(std::int64_t a, std::int64_t b, bool remainder) const {
  if (b == 0) fail("divides by zero");
  if (a == std::numeric_limits<std::int64_t>::min() && b == -1) fail(too_large);
  return remainder ? a % b : a / b;
}

template <class Number>
Number BoundExpression::operation(const Expression::Node& node) {
  using Operator = Expression::Operator;
  const auto a = value<Number>(node.parts[0]);
  // As in C: what need not be looked at is not.
  if (node.what == Operator::both && a == 0) return 0;
  if (node.what == Operator::either && a != 0) return 1;
  const auto b = value<Number>(node.parts[1]);
  std::int64_t result = 0;
  bool overflows = false;
  switch (node.what) {
    case Operator::both:
    case Operator::either:
      return b != 0;
    case Operator::equal:
      return a == b;
    case Operator::unequal:
      return a != b;
    case Operator::at_most:
      return a <= b;
    case Operator::at_least:
      return a >= b;
    case Operator::less:
      return a < b;
    case Operator::more:
      return a > b;
    case Operator::plus:
      if constexpr (real_numbers<Number>) return a + b;
      overflows = __builtin_add_overflow(whole_of(a), whole_of(b), &result);
      break;
    case Operator::minus:
      if constexpr (real_numbers<Number>) return a - b;
      overflows = __builtin_sub_overflow(whole_of(a), whole_of(b), &result);
      break;
    case Operator::times:
      if constexpr (real_numbers<Number>) return a * b;
      overflows = __builtin_mul_overflow(whole_of(a), whole_of(b), &result);
      break;
    case Operator::divided:
      if constexpr (real_numbers<Number>) return a / b;
      result = quotient(whole_of(a), whole_of(b), false);
      break;
    case Operator::modulo:
      if constexpr (real_numbers<Number>) return std::fmod(a, b);
      result = quotient(whole_of(a), whole_of(b), true);
      break;
  }
  if (overflows) fail(too_large);
  return static_cast<Number>(result);
}

template <class Number>
Number BoundExpression::call(const Expression::Node& node) {
  const std::string& word = node.word;
  if (word == "if") return value<Number>(node.parts[value<Number>(node.parts[0]) != 0 ? 1 : 2]);
  const auto a = value<Number>(node.parts[0]);
  const auto b = node.parts.size() > 1 ? value<Number>(node.parts[1]) : Number{};
  if (word == "min") return std::min(a, b);
  if (word == "max") return std::max(a, b);
  if constexpr (real_numbers<Number>) {
    if (word == "abs") return std::abs(a);
    if (word == "ceil_div") return std::ceil(a / b);
    if (word == "sqrt") return std::sqrt(a);
    if (word == "exp") return std::exp(a);
    if (word == "log") return std::log(a);
    if (word == "log2") return std::log2(a);
    if (word == "log10") return std::log10(a);
    if (word == "sin") return std::sin(a);
    if (word == "cos") return std::cos(a);
    if (word == "tanh") return std::tanh(a);
    if (word == "erf") return std::erf(a);
    if (word == "pow") return std::pow(a, b);
    if (word == "isnan") return std::isnan(a) ? 1 : 0;
    return std::floor(a);
  } else {
    if (word == "abs" && a == std::numeric_limits<std::int64_t>::min()) fail(too_large);
    if (word == "abs") return a < 0 ? -a : a;
    if (word == "floor") return a;
    if (word == "ceil_div") {
      if (a < 0 || b <= 0) fail("ceil_div needs a >= 0 and b > 0");
      return a / b + (a % b != 0 ? 1 : 0);
    }
  }
  fail("a whole number is needed, and " + word + " is of real ones");
}

template <class Number>
Number BoundExpression::value(std::size_t at) {
  const Expression::Node& node = expression_.nodes()[at];
  switch (node.kind) {
    case Expression::Kind::number:
      if constexpr (real_numbers<Number>) return node.real;
      if (!node.is_whole) fail("a whole number is needed");
      return static_cast<Number>(node.whole);
    case Expression::Kind::name:
      return static_cast<Number>(values_[node.slot]);
    case Expression::Kind::negative: {
      const auto of = value<Number>(node.parts[0]);
      if constexpr (!real_numbers<Number>)
        if (of == std::numeric_limits<Number>::min()) fail(too_large);
      return -of;
    }
    case Expression::Kind::inverse:
      return value<Number>(node.parts[0]) == 0 ? 1 : 0;
    case Expression::Kind::operation:
      return operation<Number>(node);
    case Expression::Kind::call:
      return call<Number>(node);
    case Expression::Kind::element:
      if constexpr (real_numbers<Number>) return element(node);
      fail("a whole number is needed, and " + node.word + "[ ] is none");
    case Expression::Kind::sum:
      break;
  }
  const auto count = value<std::int64_t>(node.parts[0]);
  Number total = 0;
  for (std::int64_t k = 0; k < count; ++k) {
    if (++terms_ > most_terms) fail("sums more than 2^24 terms");
    values_[node.slot] = k;
    const auto term = value<Number>(node.parts[1]);
    if constexpr (real_numbers<Number>)
      total += term;
    else if (__builtin_add_overflow(total, term, &total))
      fail(too_large);
  }
  return total;
}

std::int64_t BoundExpression::whole() {
  terms_ = 0;
  return value<std::int64_t>(expression_.root());
}

double BoundExpression::real() {
  terms_ = 0;
  return value<double>(expression_.root());
}

std::int64_t whole_value(const Expression& expression, const Sizes& sizes) {
  return BoundExpression(expression, sizes).whole();
}

}  // namespace kernelgate
