#pragma once
// Formulas that a person writes: sizes of tensors, shapes of launches, what an output is to be.

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/op/sizes.h"
#include "kernels/op/type.h"

namespace kernelgate {

/// A formula that was read. Written as in C: numbers, names, ( ), + - * / %, comparisons, && || !. Functions: min, max,
/// abs, ceil_div(a, b), if(condition, a, b), sum(k, COUNT, body) with k = 0 .. COUNT - 1; of real numbers also sqrt,
/// exp, log, log2, log10, sin, cos, tanh, erf, pow, floor, isnan. x[i] is an element of a tensor, x[row, column] one by
/// its place in each dimension.
///
/// Errors  Error: what is wrong with the text, and where.
class Expression {
 public:
  explicit Expression(std::string_view text);

  const std::string& text() const { return text_; }
  const std::vector<std::string>& names() const { return names_; }      ///< of numbers, those of loops left out
  const std::vector<std::string>& tensors() const { return tensors_; }  ///< of what is indexed

  enum class Kind { number, name, negative, inverse, operation, call, sum, element };
  enum class Operator {
    either,
    both,
    equal,
    unequal,
    at_most,
    at_least,
    less,
    more,
    plus,
    minus,
    times,
    divided,
    modulo
  };
  struct Node {
    Kind kind = Kind::number;
    double real = 0;
    std::int64_t whole = 0;
    bool is_whole = false;
    std::size_t slot = 0;  ///< of a name or a loop; of a tensor
    Operator what = Operator::plus;
    std::string word = {};  ///< a function, a tensor
    std::vector<std::size_t> parts = {};
  };
  const std::vector<Node>& nodes() const { return nodes_; }
  std::size_t root() const { return nodes_.size() - 1; }
  std::size_t slots() const { return names_.size() + loops_; }  ///< the names' first, then the loops'

 private:
  friend class ExpressionParser;
  std::string text_;
  std::vector<std::string> names_, tensors_;
  std::size_t loops_ = 0;
  std::vector<Node> nodes_;
};

/// A tensor on the host, as formulas read it.
struct TensorView {
  const void* data = nullptr;
  Type type = Type::f32;
  std::vector<std::int64_t> shape;

  std::int64_t count() const;
  double at(std::int64_t index) const;  ///< within `count`
};

/// An expression whose names have values. As whole numbers, a division drops its remainder; as real ones it does not,
/// but within [ ] and as a sum's COUNT.
///
/// Errors  Error: a name that is not known, with those that are; an overflow, a division by zero, an index out of
///         range, more than 2^24 terms.
class BoundExpression {
 public:
  BoundExpression(const Expression& expression, const Sizes& sizes,
                  const std::map<std::string, TensorView>& tensors = {});

  std::int64_t whole();
  double real();
  /// Another value for a name; nothing where the formula does not have it.
  void set(std::string_view name, std::int64_t value);

 private:
  template <class Number>
  Number value(std::size_t node);
  template <class Number>
  Number operation(const Expression::Node& node);
  template <class Number>
  Number call(const Expression::Node& node);
  double element(const Expression::Node& node);
  std::int64_t quotient(std::int64_t a, std::int64_t b, bool remainder) const;
  [[noreturn]] void fail(const std::string& what) const;

  const Expression& expression_;
  std::vector<std::int64_t> values_;
  std::vector<TensorView> tensors_;
  std::int64_t terms_ = 0;
};

/// The value of a formula of sizes. Errors  Error, as above.
std::int64_t whole_value(const Expression& expression, const Sizes& sizes);

}  // namespace kernelgate
