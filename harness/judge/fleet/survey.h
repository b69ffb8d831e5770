#pragma once
// Which card, or which machine, of a fleet is slower than the others, by how much, and why. No one is new here: each is
// judged by all others of its model and environment.
//
//   y    of a card in a case: the location of its runs, log seconds
//   r    = y - median over the cards of that case
//   w    of a card: the median over its cases of r: what the card as a whole is slower by
//   own  of a card in a case: r - w
//   sd   of w over the cards, of each case's own over the cards, of the machines' w: from the closest half of them
//        (scatter_of), so that slow ones don't widen it
// SLOWER  w, a machine's mean w, or a case's own, beyond the threshold: one-sided Student's t, Holm over the cards,
// over
//         the machines, over all cards' cases, each at a third of 1 %. A machine is named in place of its cards where
//         it is slower and most of its cards are slower than the middle.
// A card whose environment differs (another power limit, ECC) is compared with nobody; it is listed with what differs.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace kernelgate {

/// From fewer cards the fleet's own spread can't be told (scatter_of).
inline constexpr std::size_t fewest_surveyed = 8;

/// One card with what was measured of it.
///
/// Units  log seconds; hertz.
struct SurveyCard {
  std::string card;                   ///< its UUID; where there is none its machine's name
  std::string machine;                ///< empty: not known
  std::size_t group = 0;              ///< cards of one group may be compared
  std::vector<float> level;           ///< by case; NaN: not measured
  std::optional<double> sm_clock_hz;  ///< while it was measured
};

struct SurveyOptions {
  double threshold = 0.005;
  double confidence = 0.99;  ///< that nobody is blamed who is as good as the others
};

struct SlowMember {
  bool is_machine = false;
  std::string card, machine;
  std::vector<std::string> cards;  ///< of a machine
  double ratio = 1;                ///< over the fleet's middle
  std::string of_case;             ///< slower in this case alone; empty: as a whole
  std::string why;
};

struct Survey {
  std::size_t cards = 0, machines = 0, cases = 0;
  std::size_t compared = 0;           ///< cards that others could be compared with
  std::vector<SlowMember> slow;       ///< the worst first
  std::vector<std::string> left_out;  ///< groups that are too small, one line each
  double card_sd = 0;                 ///< how the cards of the largest group differ, log
  std::optional<double> finds;        ///< the slowdown of a card as a whole that is named 9 times in 10
};

/// Errors  HarnessError(usage): nothing was measured, or an option out of range.
Survey survey_fleet(std::span<const SurveyCard> cards, const std::vector<std::string>& cases,
                    const std::vector<std::string>& groups, const SurveyOptions& options);

}  // namespace kernelgate
