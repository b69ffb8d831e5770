// Every probe on the host executor, under several seeds.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <set>
#include <string>

#include "kernels/silicon/probe_inputs.h"
#include "kernels/silicon/probe_run.h"
#include "kernels/simt/host/settings.h"

namespace kernelgate::silicon {
namespace {

using ::testing::HasSubstr;

Device executor() {
  Device device;
  device.kind = DeviceKind::simt;
  device.compute_capability = 90;
  return device;
}

/// "wgmma" of "wgmma/ss_n8".
std::string family_of(const Probe& probe) { return probe.name.substr(0, probe.name.find('/')); }

std::set<std::string> families() {
  std::set<std::string> all;
  for (const Probe& probe : probes_of(DeviceKind::simt)) all.insert(family_of(probe));
  return all;
}

class ProbesOf : public testing::TestWithParam<std::string> {
 protected:
  ~ProbesOf() override { simt::set_seed(1); }
  static void for_each(const std::function<void(const Probe&)>& look) {
    for (const Probe& probe : probes_of(DeviceKind::simt)) {
      if (family_of(probe) != GetParam()) continue;
      SCOPED_TRACE(probe.name);
      look(probe);
    }
  }
};

void expect_sameness_and_dependence(const Probe& probe) {
  simt::set_seed(1);
  const auto first = run_probe(probe, executor(), 1);
  ASSERT_EQ(first.size(), probe.output_bytes);
  const auto written = std::ranges::count_if(first, [](std::byte b) { return b != std::byte{0xff}; });
  EXPECT_GT(written, 0);
  for (std::uint64_t seed : {2u, 3u, 4u}) {
    simt::set_seed(seed);
    const auto again = run_probe(probe, executor(), 1);
    const auto difference = compare(probe, first, again);
    EXPECT_FALSE(difference) << "under seed " << seed << " at byte " << difference->at << ": " << difference->executor
                             << " and " << difference->gpu;
  }
  if (probe.input_bytes == 0) return;
  EXPECT_NE(run_probe(probe, executor(), 2), first) << "other inputs make no difference";
}

void expect_planted_differences_to_be_seen(const Probe& probe) {
  const auto first = run_probe(probe, executor(), 1);
  // The highest byte of an element: of a float it is the sign and the exponent, which no tolerance spans.
  const std::size_t step = std::max<std::size_t>(4, first.size() / 64 / 4 * 4);
  for (std::size_t at = 3; at < first.size(); at += step) {
    auto planted = first;
    planted[at] ^= std::byte{0x3c};
    const auto difference = compare(probe, first, planted);
    ASSERT_TRUE(difference) << "at byte " << at;
    EXPECT_EQ(difference->elements, 1u);
    EXPECT_LE(difference->at, at);
    EXPECT_LT(at, difference->at + 4);
    EXPECT_NE(difference->executor, difference->gpu);
  }
}

TEST_P(ProbesOf, AreTheSameUnderEverySeedAndDependOnTheirInputs) { for_each(expect_sameness_and_dependence); }
TEST_P(ProbesOf, SeeEveryByteOfTheirOutputs) { for_each(expect_planted_differences_to_be_seen); }

INSTANTIATE_TEST_SUITE_P(Silicon, ProbesOf, testing::ValuesIn(families()), [](const auto& one) { return one.param; });

Probe of_floats(Tolerance tolerance = {}) {
  Probe probe;
  probe.name = "made up";
  probe.outputs = Outputs::f32;
  probe.tolerance = tolerance;
  return probe;
}

std::vector<std::byte> bytes_of(std::initializer_list<float> values) {
  std::vector<std::byte> bytes;
  for (float value : values)
    for (std::byte b : std::bit_cast<std::array<std::byte, 4>>(value)) bytes.push_back(b);
  return bytes;
}

TEST(Compare, NamesTheFirstElementThatDiffersWithBothValues) {
  const auto difference = compare(of_floats(), bytes_of({1, 2, 3, 4}), bytes_of({1, 2.5f, 3, 5}));
  ASSERT_TRUE(difference);
  EXPECT_EQ(difference->elements, 2u);
  EXPECT_EQ(difference->of, 4u);
  EXPECT_EQ(difference->at, 4u);
  EXPECT_EQ(difference->executor, "2 (0x40000000)");
  EXPECT_EQ(difference->gpu, "2.5 (0x40200000)");
}

TEST(Compare, TakesOneNanForAnotherAndNothingElse) {
  const float nan = std::bit_cast<float>(0x7fc00001u), other = std::bit_cast<float>(0xffffffffu);
  EXPECT_FALSE(compare(of_floats(), bytes_of({nan}), bytes_of({other})));
  EXPECT_TRUE(compare(of_floats({1e30, 1e30}), bytes_of({nan}), bytes_of({1})));
  EXPECT_TRUE(compare(of_floats(), bytes_of({0.0f}), bytes_of({-0.0f})));
  Probe bits = of_floats();
  bits.outputs = Outputs::bits;
  bits.output_bytes = 4;
  EXPECT_TRUE(compare(bits, bytes_of({nan}), bytes_of({other})));
}

TEST(Compare, AllowsWhatTheToleranceSaysAndNoMore) {
  EXPECT_FALSE(compare(of_floats({0.5, 0}), bytes_of({100}), bytes_of({100.5f})));
  EXPECT_TRUE(compare(of_floats({0.5, 0}), bytes_of({100}), bytes_of({100.6f})));
  EXPECT_FALSE(compare(of_floats({0, 0.01}), bytes_of({-100}), bytes_of({-101})));
  EXPECT_TRUE(compare(of_floats({0, 0.01}), bytes_of({-100}), bytes_of({-101.1f})));
  const float infinite = std::numeric_limits<float>::infinity();
  EXPECT_TRUE(compare(of_floats({1e30, 1}), bytes_of({1}), bytes_of({infinite})));
  EXPECT_TRUE(compare(of_floats({1e30, 1}), bytes_of({-infinite}), bytes_of({infinite})));
}

TEST(Compare, SaysThatOneSideIsShorter) {
  const auto difference = compare(of_floats(), bytes_of({1, 2}), bytes_of({1}));
  ASSERT_TRUE(difference);
  EXPECT_EQ(difference->at, 4u);
  EXPECT_EQ(difference->executor, "8 bytes");
  EXPECT_EQ(difference->gpu, "4 bytes");
}

TEST(Needs, AreOfTheGpu) {
  Device gpu;
  gpu.compute_capability = 89;
  EXPECT_EQ(why_not({80}, gpu), "");
  EXPECT_THAT(why_not({90}, gpu), HasSubstr("needs compute capability 9.0, and this GPU has 8.9"));
  gpu.compute_capability = 100;
  EXPECT_EQ(why_not({90}, gpu), "");
  EXPECT_THAT(why_not({90, true}, gpu), HasSubstr("9.0 itself"));
}

TEST(Inputs, AreTheSameForTheSameSeedAndOfTheirKind) {
  EXPECT_EQ(make_inputs(Inputs::floats, 4096, 7), make_inputs(Inputs::floats, 4096, 7));
  EXPECT_NE(make_inputs(Inputs::floats, 4096, 7), make_inputs(Inputs::floats, 4096, 8));
  const auto bytes = make_inputs(Inputs::floats, 4 * 4096, 1);
  int nans = 0, infinite = 0, subnormal = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 4) {
    float value;
    std::memcpy(&value, bytes.data() + i, 4);
    nans += std::isnan(value) ? 1 : 0;
    infinite += std::isinf(value) ? 1 : 0;
    subnormal += std::fpclassify(value) == FP_SUBNORMAL ? 1 : 0;
  }
  EXPECT_GT(nans, 50);
  EXPECT_GT(infinite, 50);
  EXPECT_GT(subnormal, 50);
}

}  // namespace
}  // namespace kernelgate::silicon
