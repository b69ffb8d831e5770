#pragma once
// The tests of every op's implementations: what runs them on a device, proves them, and fails where nothing ran.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bench/run/devices.h"
#include "kernels/op/any_op.h"
#include "kernels/op/bf16.h"
#include "kernels/op/f16.h"
#include "kernels/op/verify.h"

namespace kernelgate {

/// What one launch of an implementation wrote.
struct Output {
  AnyProblem::Candidate by;
  std::vector<double> values;
};

inline std::vector<double> values_of(const GuardedTensor& tensor, const TensorSpec& spec) {
  const std::vector<std::byte> bytes = tensor.download();
  std::vector<double> values(static_cast<std::size_t>(spec.count));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto element = [&]<class T>(T value) {
      std::memcpy(&value, bytes.data() + i * sizeof value, sizeof value);
      return value;
    };
    if (spec.type == Type::f16) values[i] = to_float(element(f16{}));
    if (spec.type == Type::bf16) values[i] = to_float(element(bf16{}));
    if (spec.type == Type::f32) values[i] = element(0.0f);
  }
  return values;
}

/// Runs each implementation that the device has and that takes the problem, twice, since scratch must not remember the
/// first time, and expects it to be right. Expects one at least to run; one of ours where there are any, since a peer
/// that is right says nothing of a kernel that declines everything.
inline std::vector<Output> prove_all(const std::shared_ptr<const AnyProblem>& problem, const Device& device,
                                     const Proof::Options& options) {
  SCOPED_TRACE(problem->op() + "/" + problem->name() + ", misaligned by " + std::to_string(options.misalign_elements) +
               " elements");
  Proof proof(problem, device, options);
  std::vector<Output> outputs;
  std::string declined;
  bool ours_here = false, ours_ran = false;
  for (const auto& candidate : problem->implementations()) {
    if (candidate.device != device.kind) continue;
    const bool ours = candidate.origin == Origin::ours;
    ours_here |= ours;
    try {
      if (const Support support = problem->supports(candidate, device); !support) throw Unsupported(support.reason);
      const Launch launch = proof.prepare(candidate);
      ours_ran |= ours;
      for (const char* time : {"launched once", "launched again"}) {
        const Verification found = proof.verify(launch);
        EXPECT_TRUE(found.right) << candidate.name << ", " << time << ": " << found.describe();
        outputs.push_back({candidate, values_of(proof.output(), problem->output())});
      }
    } catch (const Unsupported& why) {
      declined += "\n  " + candidate.name + " declined: " + why.what();
    } catch (const std::exception& failure) {
      ADD_FAILURE() << candidate.name << ": " << failure.what();
    }
  }
  EXPECT_TRUE(ours_here ? ours_ran : !outputs.empty())
      << "nothing " << (ours_here ? "of ours " : "") << "ran" << declined;
  return outputs;
}

/// All of an op's tests of implementations: TEST_P on OpOn<T>, or on a class made of it, once for each kind of device.
/// Skipped only where there is no such device, or where this build has no implementation for it.
template <Op T>
class OpOn : public testing::TestWithParam<DeviceKind> {
 protected:
  static Proof::Options usual() { return {.seed = 1, .flop_budget = 2e8}; }
  static Proof::Options misaligned(std::size_t elements) {
    return {.seed = 1, .misalign_elements = elements, .flop_budget = 2e8};
  }

  void SetUp() override {
    std::string reason;
    const auto device = device_of(GetParam(), reason);
    if (!device) GTEST_SKIP() << "no GPU: " << reason;
    device_ = *device;
    const auto here = [this](const auto& implementation) { return implementation.device == device_.kind; };
    if (std::ranges::none_of(Implementations<T>::sorted(), here))
      GTEST_SKIP() << "this build has no implementation for " << to_string(device_.kind);
  }

  void TearDown() override {
    if (IsSkipped()) return;
    EXPECT_GT(proved_, 0) << "this test ran nothing";
  }

  std::vector<Output> prove(const typename T::Problem& problem, const Proof::Options& options = usual()) {
    return prove_given(std::make_shared<TypedProblem<T>>(Workload<T>{problem, "given by a test", {}}), options);
  }
  std::vector<Output> prove_given(const std::shared_ptr<const AnyProblem>& problem,
                                  const Proof::Options& options = usual()) {
    ++proved_;
    return prove_all(problem, device_, options);
  }

  Device device_;

 private:
  static std::optional<Device> device_of(DeviceKind kind, std::string& reason) {
    if (kind == DeviceKind::cuda) return cuda_device(0, reason);
    Device device = kind == DeviceKind::cpu ? cpu_device() : simt_device();
    device.threads = std::max(device.threads, 2);  // so that work is split on any machine
    return device;
  }

  int proved_ = 0;
};

/// `INSTANTIATE_TEST_SUITE_P(Devices, MatmulOn, every_device(), device_name);`
inline auto every_device() { return testing::Values(DeviceKind::simt, DeviceKind::cpu, DeviceKind::cuda); }
inline std::string device_name(const testing::TestParamInfo<DeviceKind>& info) {
  return std::string(to_string(info.param));
}

}  // namespace kernelgate
