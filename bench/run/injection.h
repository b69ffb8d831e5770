#pragma once
// KERNELGATE_INJECT: slows or corrupts cases on purpose, to show that the program sees it.

#include <functional>
#include <string>
#include <vector>

#include "kernels/op/memory.h"

namespace kernelgate {

/// What the environment variable asked for.
///
/// 'slow:REGEX:FACTOR' prolongs the matching cases by FACTOR (1.10: 10 % slower); 'wrong:REGEX' corrupts
/// one element of their output. Several are joined by ';'. REGEX is POSIX extended and searched in the
/// case's name.
class Injection {
 public:
  Injection() = default;
  /// Errors  HarnessError (usage) that names the variable and the form it takes.
  explicit Injection(const std::string& text);

  const std::string& text() const { return text_; }
  bool active() const { return !text_.empty(); }
  double slowdown(const std::string& case_name) const;  ///< 1: none
  bool wrong(const std::string& case_name) const;

 private:
  struct Rule {
    std::function<bool(const std::string&)> matches;
    double slowdown;  ///< 0: the rule corrupts
  };
  std::string text_;
  std::vector<Rule> rules_;
};

/// From the environment; announces itself on stderr when there is one.
Injection injection_from_environment();

/// Flips the highest bits of the first element, so that no tolerance hides it.
void corrupt(const GuardedTensor& output);

}  // namespace kernelgate
