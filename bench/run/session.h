#pragma once
// One process run: hands out measurements case by case, though they are taken group by group.

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bench/run/group/group_measurement.h"

namespace kernelgate {

class Session {
 public:
  /// `on_begin` is called before a group is measured, with the case that asked for it.
  /// `telemetry` is that of the device; by default of the GPU that is measured, and none for a CPU.
  Session(std::vector<Case> cases, MeasureOptions options, std::function<void(const Case&)> on_begin,
          std::unique_ptr<Telemetry> telemetry = nullptr);

  /// The cases' indices in the order in which this process run is to measure them: run_layout.h.
  std::vector<std::size_t> order() const;

  /// What one call of a registered benchmark gives.
  struct Outcome {
    CaseStatus status = CaseStatus::measured;
    std::string reason;
    double median_s = 0;
  };

  /// Measures the case's whole group if the case has no measurement waiting, and hands out one.
  /// After an interrupt it measures nothing more and says so; likewise once telemetry said that the device is broken.
  Outcome measure(std::size_t case_index);

  /// Of every case that was measured, or could not be, in the order of the cases.
  std::vector<CaseResult> results() const;

 private:
  void measure_group_of(std::size_t case_index);

  std::vector<Case> cases_;
  MeasureOptions options_;
  std::function<void(const Case&)> on_begin_;
  std::unique_ptr<Stopwatch> stopwatch_;
  std::unique_ptr<Telemetry> telemetry_;
  std::string stopped_;  ///< why nothing more is measured; empty: go on
  std::map<const AnyProblem*, std::vector<std::size_t>> groups_;
  std::vector<CaseResult> results_;
  std::vector<std::deque<Outcome>> waiting_;
};

}  // namespace kernelgate
