#pragma once
// What the tests of conv2d's implementations share: a device, and a run on it.

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <span>

#include "kernels/conv2d/conv2d.h"
#include "kernels/op/any_op.h"
#include "kernels/op/memory.h"
#include "kernels/op/verify.h"

namespace kernelgate {

/// The device of a kind, or nothing and why. Defined in conv2d_test.cpp, because only tests may ask the program.
std::optional<Device> device_of(DeviceKind kind, std::string& reason);

class Conv2dOn : public testing::TestWithParam<DeviceKind> {
 protected:
  void SetUp() override {
    std::string reason;
    const auto device = device_of(GetParam(), reason);
    if (!device) GTEST_SKIP() << "no GPU: " << reason;
    device_ = *device;
    const auto here = [this](const auto& implementation) { return implementation.device == device_.kind; };
    if (std::ranges::none_of(Registry<Conv2d>::sorted(), here)) GTEST_SKIP() << "nothing registered for this device";
  }

  void expect_right(const Conv2d::Problem& problem, std::size_t misalign_elements = 0, std::uint64_t seed = 1) {
    const auto any = std::make_shared<TypedProblem<Conv2d>>(Workload<Conv2d>{problem, "test", {}});
    SCOPED_TRACE(any->name());
    Proof proof(any, device_, {.seed = seed, .misalign_elements = misalign_elements, .flop_budget = 2e8});
    for (const auto& candidate : any->implementations()) {
      if (candidate.device != device_.kind) continue;
      if (const Support support = any->supports(candidate, device_); !support) {
        EXPECT_EQ(candidate.origin, Origin::peer) << candidate.name << " has no limits here: " << support.reason;
        continue;
      }
      Launch launch;
      try {
        launch = proof.prepare(candidate);
      } catch (const Unsupported& why) {
        EXPECT_EQ(candidate.origin, Origin::peer) << candidate.name << " has no limits here: " << why.what();
        continue;
      }
      const Verification found = proof.verify(launch);
      EXPECT_TRUE(found.right) << candidate.name << ": " << found.describe();
    }
  }

  /// Alone, and with all that may follow.
  void expect_right(std::initializer_list<Conv2d::Problem> problems) {
    for (Conv2d::Problem problem : problems) {
      expect_right(problem);
      problem.bias = problem.residual = problem.relu = true;
      expect_right(problem);
    }
  }

  /// The outputs of an implementation for the given inputs; empty if it is a peer and can't. Tensor number
  /// `misaligned`, in the order of `bind`, is off its alignment.
  std::vector<f16> run(const Implementation<Conv2d>& implementation, const Conv2d::Problem& problem,
                       const std::vector<std::vector<f16>>& inputs, std::size_t misaligned = 99) {
    if (implementation.device != device_.kind || !implementation.supports(device_, problem)) return {};
    std::vector<GuardedTensor> tensors;
    std::vector<void*> pointers;
    for (const auto& input : inputs) {
      tensors.emplace_back(device_, input.size() * sizeof(f16), tensors.size() == misaligned ? sizeof(f16) : 0);
      tensors.back().upload(std::as_bytes(std::span(input)));
    }
    tensors.emplace_back(device_, static_cast<std::size_t>(problem.y_count()) * sizeof(f16),
                         tensors.size() == misaligned ? sizeof(f16) : 0);
    for (const auto& tensor : tensors) pointers.push_back(tensor.data());
    try {
      implementation.prepare(device_, problem, Conv2d::bind(problem, pointers))(nullptr);
    } catch (const Unsupported& why) {
      EXPECT_EQ(implementation.origin, Origin::peer) << implementation.name << " has no limits here: " << why.what();
      return {};
    }
    synchronize(device_);
    const std::vector<std::byte> bytes = tensors.back().download();
    const auto* values = reinterpret_cast<const f16*>(bytes.data());
    std::vector<f16> result(values, values + problem.y_count());
    for (f16& value : result)
      if (value.bits == 0x8000u) value.bits = 0;  // see `rounded`
    return result;
  }

  Device device_;
};

}  // namespace kernelgate
