#pragma once
// The replay itself; multiprocessor.h is what others use of it.

#include <span>
#include <string>
#include <vector>

#include "harness/predict/replay/multiprocessor.h"
#include "harness/predict/replay/running.h"

namespace kernelgate::predict {

class Machine {
 public:
  Machine(const SassKernel& kernel, std::span<const BlockTrace* const> blocks, const Gpu& gpu,
          const ReplayOptions& options);
  Replay run();

 private:
  /// When an instruction can be issued, and what it waits for until then: what each cause adds to those before it.
  struct Candidate {
    double at = 0;
    std::array<double, reason_count> waits{};
    void later(double time, Reason why) {
      if (time <= at) return;
      waits[static_cast<std::size_t>(why)] += time - at;
      at = time;
    }
  };
  /// The same without the causes.
  struct Time {
    double at = 0;
    void later(double time, Reason) { at = time > at ? time : at; }
  };

  // When: when.cpp.
  template <class When>
  bool alone(const RunningWarp& warp, When& when) const;
  template <class When>
  bool synchronized(const RunningWarp& warp, const Instruction& in, const Step& step, When& when) const;
  template <class When>
  void among_others(const RunningWarp& warp, When& when) const;

  // What: issue.cpp.
  void issue(std::size_t number, Candidate when);
  void account(std::size_t number, std::size_t index, const Candidate& when);
  void execute(RunningWarp& warp, const Instruction& in, const Step& step, const Cost& cost, double at);
  void leave(RunningWarp& warp, double at);

  // Barriers and TMA: operations.cpp.
  double operate(RunningWarp& warp, const Instruction& in, const Step& step, double at);
  void meet(RunningWarp& warp, const Operation& operation, bool waits, double at);
  void open_if_met(RunningBlock& block, std::uint32_t number);
  void arrive_in_cluster(RunningWarp& warp, double at);
  void end_if_met(RunningCluster& cluster);
  void arrive_at_mbarrier(const RunningBlock& from, const Operation& operation, double at);
  double load(const RunningWarp& warp, const Operation& operation, double at);
  RunningBlock& block_of_rank(const RunningBlock& from, std::uint32_t rank);
  WgmmaQueue& wgmma_of(const RunningWarp& warp);

  Replay finish();
  [[noreturn]] void stuck() const;

  const SassKernel& kernel_;
  const Gpu& gpu_;
  const ReplayOptions& options_;
  std::vector<Cost> costs_;
  FirstAsked first_asked_;
  std::vector<RunningWarp> warps_;
  std::vector<RunningBlock> blocks_;
  std::vector<RunningCluster> clusters_;
  std::vector<RunningMultiprocessor> multiprocessors_;
  std::vector<std::vector<std::array<float, reason_count>>> per_warp_;
  std::vector<std::vector<std::uint32_t>> executions_;
  double end_ = 0;
  Replay result_;
};

}  // namespace kernelgate::predict
