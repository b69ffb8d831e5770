#pragma once
// The window of nights that stands out most, and how seldom pure noise shows one that stands out as much.

#include <cstddef>
#include <map>
#include <mutex>
#include <span>
#include <vector>

namespace kernelgate::history {

/// Fewest nights on a level: two alike nights are no level.
inline constexpr std::size_t shortest_level = 3;

/// Nights [first, last) against the others of a stretch. A window that begins at the first night is a step at `last`;
/// any other is an excursion, with a step at both ends.
struct Window {
  std::size_t first = 0, last = 0;
  double z = 0;  ///< of the difference of means of normal scores, in its standard deviations
};

/// z is 0 where the stretch is too short.
struct Scan {
  Window step;
  Window excursion;  ///< of all places, and of lengths about sqrt(2) apart
};

/// Looks at all windows of a stretch. `scores` have mean 0 and mean square 1.
Scan scan_windows(std::span<const double> scores);

/// How seldom exchangeable nights, whatever their distribution, show a step or an excursion this clear anywhere: by
/// shuffling normal scores, with a fixed seed. Between the lengths that are shuffled the larger probability of the two
/// beside it counts. Each length is shuffled once; any threads may ask.
class NullDistribution {
 public:
  double step_p(double z, std::size_t nights);
  double excursion_p(double z, std::size_t nights);

 private:
  struct Shuffled {
    std::once_flag once;
    std::vector<double> steps, excursions;  ///< the largest |z| of each shuffle, ascending
  };
  const Shuffled& shuffled(std::size_t nights);
  std::mutex mutex_;
  std::map<std::size_t, Shuffled> by_nights_;
};

/// One for the whole process.
NullDistribution& null_distribution();

}  // namespace kernelgate::history
