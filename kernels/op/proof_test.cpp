// What a proof guards beside the values: inputs that a launch changes, weights that were packed, outputs that stay.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "kernels/op/verify.h"

namespace kernelgate {
namespace {

constexpr std::int64_t count = 1024;
constexpr double bound = 0.25;

/// y[i] = w[i] x[i], whose weights are constant. What one launch does, and what is packed before, a test says.
class Weighted final : public AnyProblem {
 public:
  using Compute = std::function<void(float* x, float* w, float* y)>;
  using Prepare = std::function<void(const float* x, const float* w)>;

  explicit Weighted(
      Compute compute, Prepare prepare = [](const float*, const float*) {})
      : compute_(std::move(compute)), prepare_(std::move(prepare)) {}

  static void right(const float* x, const float* w, float* y) {
    for (std::int64_t i = 0; i < count; ++i) y[i] = w[i] * x[i];
  }

  const std::string& op() const override { return name_; }
  const std::string& name() const override { return name_; }
  const std::string& label() const override { return name_; }
  const std::vector<std::string>& suites() const override { return suites_; }
  Work work() const override { return {1, 1}; }
  std::vector<TensorSpec> inputs() const override {
    return {{"x", Type::f32, count}, {.name = "w", .type = Type::f32, .count = count, .constant = true}};
  }
  TensorSpec output() const override { return {"y", Type::f32, count}; }
  void fill(std::uint64_t seed, std::span<void* const> inputs) const override {
    for (std::int64_t i = 0; i < count; ++i) {
      static_cast<float*>(inputs[0])[i] = static_cast<float>(i + static_cast<std::int64_t>(seed % 100));
      static_cast<float*>(inputs[1])[i] = static_cast<float>(1 + i % 3);
    }
  }
  std::vector<std::int64_t> check_indices(double, std::uint64_t) const override {
    std::vector<std::int64_t> even;
    for (std::int64_t i = 0; i < count; i += 2) even.push_back(i);
    return even;
  }
  void reference(std::span<void* const> pointers, std::span<const std::int64_t> indices,
                 std::span<Expected> expected) const override {
    const auto* x = static_cast<const float*>(pointers[0]);
    const auto* w = static_cast<const float*>(pointers[1]);
    for (std::size_t i = 0; i < indices.size(); ++i)
      expected[i] = {static_cast<double>(x[indices[i]]) * static_cast<double>(w[indices[i]]), bound};
  }
  std::vector<Candidate> implementations() const override { return {tested}; }
  Support supports(const Candidate&, const Device&) const override { return {}; }
  Launch prepare(const Candidate&, const Device&, std::span<void* const> pointers) const override {
    prepare_(static_cast<const float*>(pointers[0]), static_cast<const float*>(pointers[1]));
    return [compute = compute_, x = static_cast<float*>(pointers[0]), w = static_cast<float*>(pointers[1]),
            y = static_cast<float*>(pointers[2])](Stream) { compute(x, w, y); };
  }

  static inline const Candidate tested{"tested", Origin::ours, DeviceKind::cpu};

 private:
  std::string name_ = "weighted";
  std::vector<std::string> suites_{"smoke"};
  Compute compute_;
  Prepare prepare_;
};

Proof proof_of(Weighted::Compute compute) {
  return Proof(std::make_shared<Weighted>(std::move(compute)), Device{}, Proof::Options{});
}

TEST(ProofOf, ALaunchThatChangesAnInputIsWrongAndTheNextIsNotBlamed) {
  bool spoils = true;
  Proof proof = proof_of([&spoils](float* x, float* w, float* y) {
    Weighted::right(x, w, y);
    if (spoils) x[5] += 1;
  });
  const Launch launch = proof.prepare(Weighted::tested);
  const Verification found = proof.verify(launch);
  EXPECT_FALSE(found.right);
  EXPECT_EQ(found.spoilt_input, "x");
  EXPECT_EQ(found.wrong, 0);
  spoils = false;
  const Verification after = proof.verify(launch);
  EXPECT_TRUE(after.right) << after.describe();
}

// Weights may be packed before the launch, inputs may not: what was there then is not what is there later.
TEST(ProofOf, AnInputThatWasKeptFromBeforeIsWrongAndAWeightIsNot) {
  for (const bool keeps_weights : {true, false}) {
    std::vector<float> kept;
    const auto problem = std::make_shared<Weighted>(
        [&](float* x, float* w, float* y) {
          Weighted::right(keeps_weights ? x : kept.data(), keeps_weights ? kept.data() : w, y);
        },
        [&](const float* x, const float* w) {
          const float* from = keeps_weights ? w : x;
          kept.assign(from, from + count);
        });
    Proof proof(problem, Device{}, Proof::Options{});
    EXPECT_EQ(proof.verify(proof.prepare(Weighted::tested)).right, keeps_weights);
  }
}

TEST(ProofOf, ARepetitionThatWritesNothingIsNotTheSame) {
  int calls = 0;
  Proof proof = proof_of([&calls](float* x, float* w, float* y) {
    if (calls++ == 0) Weighted::right(x, w, y);
  });
  const Launch launch = proof.prepare(Weighted::tested);
  ASSERT_TRUE(proof.verify(launch).right);
  EXPECT_FALSE(proof.repeat(launch, 1).same);
}

// Else a launch that spoils the weights, which the next one needs, would be made good in between.
TEST(ProofOf, WeightsAreNotPutInPlaceAnew) {
  Proof proof = proof_of([](float* x, float* w, float* y) { Weighted::right(x, w, y); });
  const Launch launch = proof.prepare(Weighted::tested);
  ASSERT_TRUE(proof.verify(launch).right);
  static_cast<float*>(proof.pointers()[1])[3] += 1;
  proof.stage_inputs(true);
  proof.put_inputs(nullptr);
  launch(nullptr);
  proof.take_output(nullptr);
  EXPECT_EQ(proof.verify_taken(count).spoilt_input, "w");
}

// Few of the outputs are looked at between samples; which, nobody can know before.
TEST(ProofOf, TheOutputsThatAreTakenAreNotAlwaysTheFirst) {
  Proof proof = proof_of([](float* x, float* w, float* y) {
    Weighted::right(x, w, y);
    for (std::int64_t i = count / 2; i < count; ++i) y[i] += 1;
  });
  const Launch launch = proof.prepare(Weighted::tested);
  proof.stage_inputs(false);
  launch(nullptr);
  proof.take_output(nullptr);
  int seen = 0;
  for (int i = 0; i < 40; ++i) seen += proof.verify_taken(4).right ? 0 : 1;
  EXPECT_GT(seen, 5);
  EXPECT_LT(seen, 35);
}

TEST(ProofOf, TwoImplementationsMayBeOffByABoundEach) {
  Proof proof = proof_of([](float* x, float* w, float* y) { Weighted::right(x, w, y); });
  ASSERT_TRUE(proof.verify(proof.prepare(Weighted::tested)).right);
  const std::vector<std::byte> one = proof.output().download();
  for (const auto& [off, disagrees] : {std::pair{1.9, false}, std::pair{2.1, true}}) {
    std::vector<std::byte> other = one;
    reinterpret_cast<float*>(other.data())[7] += static_cast<float>(off * bound);
    EXPECT_EQ(proof.disagreements(one, other).size(), disagrees ? 1u : 0u) << off;
  }
}

// Outputs of even index alone are compared.
TEST(ProofOf, AnOutputThatNobodyComparesMustBeWrittenAllTheSame) {
  Proof proof = proof_of([](float* x, float* w, float* y) {
    const float before = y[1];
    Weighted::right(x, w, y);
    y[1] = before;
  });
  const Verification found = proof.verify(proof.prepare(Weighted::tested));
  EXPECT_EQ(found.wrong, 0);
  EXPECT_EQ(found.unwritten, 1);
  EXPECT_FALSE(found.right);
}

TEST(Compare, AnInfinityOfTheOtherSignIsWrong) {
  const TensorSpec spec{"y", Type::f32, 1};
  const std::vector<std::int64_t> at{0};
  const std::vector<Expected> expected{{INFINITY, 1}};
  for (const float got : {INFINITY, -INFINITY}) {
    const auto* bytes = reinterpret_cast<const std::byte*>(&got);
    EXPECT_EQ(compare(spec, {bytes, sizeof got}, at, expected).right, got > 0);
  }
}

}  // namespace
}  // namespace kernelgate
