#pragma once
// The statistics of one control kernel on two sides. The rule is in environment_shift.h.

#include <map>
#include <string>
#include <vector>

#include "harness/sides/side.h"

namespace kernelgate {

/// A control on one side, a value for each run, or for each night where there are several.
///
/// Units  natural logarithms of seconds.
struct ControlLevels {
  std::vector<double> level;  ///< mean of first and last
  std::vector<double> drift;  ///< last - first
};

/// Of all controls of a side, by name.
std::map<std::string, ControlLevels> control_levels(const Side& side, bool by_night);

/// Whether a side's controls are of more than one night.
bool has_several_nights(const Side& side);

/// What is believed of a control's noise between runs before it was seen: standard deviation of log time.
double control_prior(const std::string& device_kind, const std::string& name);

/// A difference, and how large noise alone would make it.
struct ControlChange {
  double difference = 0;
  double noise = 0;  ///< half-width of the interval; infinite where nothing is known of it
};

/// Tests of one comparison.
class ControlTests {
 public:
  /// `error`: that one test finds what is not there, two-sided.
  explicit ControlTests(double error) : error_(error) {}

  /// Errors  std::invalid_argument where a side has no values.
  ControlChange level(const ControlLevels& base, const ControlLevels& fresh, double prior);
  /// What first and last differ by, on the new side against the base. Takes two degrees of freedom: what it would be
  /// without a drift is seen nowhere else.
  ControlChange drift(const ControlLevels& base, const ControlLevels& fresh);

 private:
  double student(double df);
  double error_;
  std::map<double, double> known_;  ///< quantiles by degrees of freedom: all controls ask for the same
};

}  // namespace kernelgate
