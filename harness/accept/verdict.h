#pragma once
// What a test says of a GPU or of the machine. "Not tested" is no pass.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "harness/base/fact.h"

namespace kernelgate::accept {

enum class Outcome { passed, failed, not_tested, inconclusive };

inline constexpr std::array<const char*, 4> outcome_words = {"passed", "failed", "not tested", "inconclusive"};
inline const char* word_of(Outcome outcome) { return outcome_words.at(static_cast<std::size_t>(outcome)); }

inline constexpr std::int64_t the_machine = -1;

struct Tested {
  std::int64_t gpu = the_machine;
  std::string id;     ///< "sdc.f16": stable
  std::string title;  ///< "Products in f16"
  Outcome outcome = Outcome::not_tested;
  std::string says;  ///< one line: what was found, or why it was not tested
  Fact<double> value{std::nullopt, "no number"}, least{std::nullopt, "no threshold"};
  std::string unit;       ///< of both
  std::string threshold;  ///< an id of thresholds(); empty: none
  double seconds = 0;

  /// All but the outcome.
  template <class Visit>
  static void fields(Visit&& visit) {
    visit("gpu", &Tested::gpu);
    visit("id", &Tested::id);
    visit("title", &Tested::title);
    visit("says", &Tested::says);
    visit("value", &Tested::value);
    visit("least", &Tested::least);
    visit("unit", &Tested::unit);
    visit("threshold", &Tested::threshold);
    visit("seconds", &Tested::seconds);
  }
};

using Tests = std::vector<Tested>;

}  // namespace kernelgate::accept
