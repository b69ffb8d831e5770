// Reads formulas: precedence as in C, by recursive descent.

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <utility>

#include "kernels/op/error.h"
#include "kernels/user/expression.h"

namespace kernelgate {

namespace {

constexpr std::size_t longest = 2000;
constexpr int deepest = 60;

struct Function {
  std::string_view name;
  std::size_t arguments;
};
constexpr std::array functions{Function{"min", 2},  Function{"max", 2},   Function{"abs", 1}, Function{"ceil_div", 2},
                               Function{"if", 3},   Function{"sqrt", 1},  Function{"exp", 1}, Function{"log", 1},
                               Function{"log2", 1}, Function{"log10", 1}, Function{"sin", 1}, Function{"cos", 1},
                               Function{"tanh", 1}, Function{"erf", 1},   Function{"pow", 2}, Function{"floor", 1},
                               Function{"isnan", 1}};

struct Sign {
  std::string_view text = {};
  Expression::Operator what = {};
};
using enum Expression::Operator;
// From what binds least on; of two that begin alike the longer first. Constants, since ops are registered, and their
// formulas read, before there is anything else.
constexpr std::array<std::array<Sign, 4>, 6> levels{{{{{"||", either}}},
                                                     {{{"&&", both}}},
                                                     {{{"==", equal}, {"!=", unequal}}},
                                                     {{{"<=", at_most}, {">=", at_least}, {"<", less}, {">", more}}},
                                                     {{{"+", plus}, {"-", minus}}},
                                                     {{{"*", times}, {"/", divided}, {"%", modulo}}}}};

bool letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

class ExpressionParser {
 public:
  ExpressionParser(Expression& to, std::string_view text) : to_(to), text_(text) {}

  void parse() {
    if (text_.size() > longest) throw Error("a formula of more than " + std::to_string(longest) + " characters");
    level(0, 0);
    skip();
    if (at_ < text_.size()) fail("expected an operator, or the end");
    // A loop's slots come behind the names', of which all are known only now.
    for (Expression::Node& node : to_.nodes_) {
      if (node.kind == Expression::Kind::sum) node.slot += to_.names_.size();
      if (node.kind == Expression::Kind::name && node.word == "loop") node.slot += to_.names_.size();
    }
  }

 private:
  using Node = Expression::Node;
  using Kind = Expression::Kind;

  [[noreturn]] void fail(const std::string& what) const {
    throw Error("'" + std::string(text_) + "': at character " + std::to_string(at_ + 1) + ": " + what);
  }
  void skip() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
  }
  bool take(std::string_view word) {
    skip();
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }
  void expect(std::string_view word) {
    if (!take(word)) fail("expected " + std::string(word));
  }
  std::size_t add(Node node) {
    to_.nodes_.push_back(std::move(node));
    return to_.nodes_.size() - 1;
  }

  std::size_t level(std::size_t which, int depth) {
    if (depth > deepest) fail("nested more than " + std::to_string(deepest) + " deep");
    if (which == levels.size()) return unary(depth);
    std::size_t left = level(which + 1, depth);
    while (true) {
      const auto found = std::ranges::find_if(
          levels[which], [this](const Sign& sign) { return !sign.text.empty() && take(sign.text); });
      if (found == levels[which].end()) return left;
      const std::size_t right = level(which + 1, depth);
      left = add({.kind = Kind::operation, .what = found->what, .parts = {left, right}});
    }
  }

  std::size_t unary(int depth) {
    if (depth > deepest) fail("nested more than " + std::to_string(deepest) + " deep");
    if (take("-")) return add({.kind = Kind::negative, .parts = {unary(depth + 1)}});
    if (take("!")) return add({.kind = Kind::inverse, .parts = {unary(depth + 1)}});
    return primary(depth);
  }

  std::size_t primary(int depth) {
    skip();
    if (take("(")) {
      const std::size_t inside = level(0, depth + 1);
      expect(")");
      return inside;
    }
    if (at_ == text_.size()) fail("ends where a number, a name or ( is expected");
    if (digit(text_[at_]) || text_[at_] == '.') return number();
    if (letter(text_[at_])) return named(depth);
    fail("expected a number, a name or (");
  }

  std::size_t number() {
    Node node{.kind = Kind::number};
    const char* const begin = text_.data() + at_;
    const char* const last = text_.data() + text_.size();
    const auto [end, failed] = std::from_chars(begin, last, node.real);
    if (failed == std::errc::invalid_argument) fail("expected a number");
    if (failed != std::errc()) fail("a number that is too large, or too small");
    const auto [whole_end, not_whole] = std::from_chars(begin, last, node.whole);
    node.is_whole = not_whole == std::errc() && whole_end == end;
    if (not_whole == std::errc::result_out_of_range && whole_end == end) fail("a number of 2^63 or more");
    at_ += static_cast<std::size_t>(end - begin);
    return add(std::move(node));
  }

  std::string word() {
    skip();
    const std::size_t begin = at_;
    if (at_ < text_.size() && !letter(text_[at_])) fail("expected a name");
    while (at_ < text_.size() && (letter(text_[at_]) || digit(text_[at_]))) ++at_;
    if (begin == at_) fail("expected a name");
    return std::string(text_.substr(begin, at_ - begin));
  }

  static std::size_t place(std::vector<std::string>& all, const std::string& name) {
    const auto found = std::ranges::find(all, name);
    if (found != all.end()) return static_cast<std::size_t>(found - all.begin());
    all.push_back(name);
    return all.size() - 1;
  }

  std::size_t named(int depth) {
    const std::size_t begin = at_;
    const std::string name = word();
    if (take("[")) {
      Node node{.kind = Kind::element, .slot = place(to_.tensors_, name), .word = name};
      do node.parts.push_back(level(0, depth + 1));
      while (take(","));
      expect("]");
      return add(std::move(node));
    }
    if (take("(")) {
      if (name == "sum") return sum(depth);
      const auto known = std::ranges::find(functions, name, &Function::name);
      if (known == functions.end()) {
        at_ = begin;
        std::string all = "sum";
        for (const Function& one : functions) all += ", " + std::string(one.name);
        fail("there is no function '" + name + "'; there are: " + all);
      }
      Node node{.kind = Kind::call, .word = name};
      for (std::size_t i = 0; i < known->arguments; ++i) {
        if (i > 0) expect(",");
        node.parts.push_back(level(0, depth + 1));
      }
      expect(")");
      return add(std::move(node));
    }
    const auto loop =
        std::ranges::find(loops_.rbegin(), loops_.rend(), name, &std::pair<std::string, std::size_t>::first);
    if (loop != loops_.rend()) return add({.kind = Kind::name, .slot = loop->second, .word = "loop"});
    return add({.kind = Kind::name, .slot = place(to_.names_, name), .word = "size"});
  }

  std::size_t sum(int depth) {
    const std::string name = word();
    expect(",");
    const std::size_t count = level(0, depth + 1);
    expect(",");
    const std::size_t slot = to_.loops_++;
    loops_.emplace_back(name, slot);
    const std::size_t body = level(0, depth + 1);
    loops_.pop_back();
    expect(")");
    return add({.kind = Kind::sum, .slot = slot, .parts = {count, body}});
  }

  Expression& to_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<std::pair<std::string, std::size_t>> loops_;  ///< those that enclose what is read, and their slots
};

Expression::Expression(std::string_view text) : text_(text) { ExpressionParser(*this, text_).parse(); }

}  // namespace kernelgate
