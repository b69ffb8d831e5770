#pragma once
// A problem for tests of what runs problems: y[i] = 2 x[i] in f32, by implementations that tests give.

#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "kernels/op/any_op.h"

namespace kernelgate {

class FakeProblem final : public AnyProblem {
 public:
  using Compute = std::function<void(const float* x, float* y, std::int64_t count)>;

  struct Fake {
    Candidate candidate;
    Compute compute;
    std::string obstacle = "";
  };

  FakeProblem(std::int64_t count, std::vector<Fake> fakes) : count_(count), fakes_(std::move(fakes)) {}

  static void doubles(const float* x, float* y, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) y[i] = 2 * x[i];
  }

  const std::string& op() const override { return op_; }
  const std::string& name() const override { return name_; }
  const std::string& label() const override { return label_; }
  const std::vector<std::string>& suites() const override { return suites_; }
  Work work() const override { return {static_cast<double>(count_), 8.0 * static_cast<double>(count_)}; }
  std::vector<TensorSpec> inputs() const override { return {{"x", Type::f32, count_}}; }
  TensorSpec output() const override { return {"y", Type::f32, count_}; }
  void fill(std::uint64_t seed, std::span<void* const> inputs) const override {
    for (std::int64_t i = 0; i < count_; ++i)
      static_cast<float*>(inputs[0])[i] = static_cast<float>(i) + static_cast<float>(seed);
  }
  std::vector<std::int64_t> check_indices(double, std::uint64_t) const override {
    return sample_indices(count_, count_, count_, 1);
  }
  void reference(std::span<void* const> pointers, std::span<const std::int64_t> indices,
                 std::span<Expected> expected) const override {
    for (std::size_t i = 0; i < indices.size(); ++i)
      expected[i] = {2.0 * static_cast<const float*>(pointers[0])[indices[i]], 1e-3};
  }
  std::vector<Candidate> implementations() const override {
    std::vector<Candidate> all;
    for (const Fake& fake : fakes_) all.push_back(fake.candidate);
    return all;
  }
  Support supports(const Candidate& candidate, const Device&) const override {
    const std::string& obstacle = find(candidate).obstacle;
    return obstacle.empty() ? Support{} : Support::no(obstacle);
  }
  Launch prepare(const Candidate& candidate, const Device&, std::span<void* const> pointers) const override {
    return [compute = find(candidate).compute, x = static_cast<const float*>(pointers[0]),
            y = static_cast<float*>(pointers[1]), count = count_](Stream) { compute(x, y, count); };
  }

 private:
  const Fake& find(const Candidate& candidate) const {
    for (const Fake& fake : fakes_)
      if (fake.candidate.name == candidate.name) return fake;
    throw Error("no fake named " + candidate.name);
  }

  std::string op_ = "fake", name_ = "f32/16", label_ = "a test";
  std::vector<std::string> suites_{"smoke"};
  std::int64_t count_;
  std::vector<Fake> fakes_;
};

}  // namespace kernelgate
