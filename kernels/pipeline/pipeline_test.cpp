// The contract of pipeline: the network's layers, its inputs, its names; and every implementation against the
// reference.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>

#include "kernels/conv2d/wav2lip_layers.h"
#include "kernels/op/op_for_test.h"
#include "kernels/pipeline/double_network.h"
#include "kernels/pipeline/network.h"
#include "kernels/simt/host/sanitizer.h"

namespace kernelgate {
namespace {

using pipeline::DoubleMap;
using pipeline::Layer;
using pipeline::Network;

constexpr Pipeline::Problem small{.n = 2, .levels = 2, .narrow = 16};

/// How often each convolution is in the published network, by the table that conv2d is timed with.
std::map<std::string, int> published_layers(std::int64_t batch) {
  std::map<std::string, int> count;
  for (const conv2d::Layer& layer : conv2d::wav2lip_layers)
    count[Conv2d::problem_name(layer.problem(batch))] += layer.times;
  return count;
}

TEST(Network, IsThePublishedOneLayerForLayer) {
  std::map<std::string, int> ours;
  for (const Layer& layer : pipeline::network_of({.n = 16}).layers) {
    Conv2d::Problem joined = layer.problem;  // the table has no layer of two inputs
    EXPECT_EQ(joined.skip_c > 0, layer.skip >= 0) << layer.name;
    joined.skip_c = 0;
    ++ours[Conv2d::problem_name(joined)];
  }
  EXPECT_EQ(ours, published_layers(16));
  EXPECT_EQ(pipeline::network_of({}).layers.size(), 51u);
}

TEST(Network, HasItsSizesAtEveryPicture) {
  for (const std::int64_t levels : {1, 2, 5, 8, 11}) {
    const Pipeline::Problem problem{.levels = levels};
    const Network network = pipeline::network_of(problem);
    const pipeline::Map& frames = network.maps.back();
    EXPECT_EQ(frames.h, problem.pixels());
    EXPECT_EQ(frames.w, problem.pixels());
    EXPECT_EQ(frames.c, 3);
    for (const Layer& layer : network.layers) EXPECT_NO_THROW(Conv2d::validate(layer.problem)) << layer.name;
  }
  EXPECT_EQ(Pipeline::Problem{}.pixels(), 96);
}

TEST(Network, ReadsNothingBeforeItIsThereAndWaitsOnlyWhereItMust) {
  const Network network = pipeline::network_of({});
  std::vector<int> branch_of(network.maps.size(), -1);  // given
  for (const Layer& layer : network.layers) {
    for (const int map : {layer.input, layer.skip}) {
      if (map < 0 || map == Network::faces || map == Network::windows) continue;
      const int from = branch_of[static_cast<std::size_t>(map)];
      ASSERT_GE(from, 0) << layer.name << " reads map " << map << " before it is written";
      if (layer.branch != pipeline::Branch::speaks) {
        EXPECT_EQ(from, static_cast<int>(layer.branch)) << layer.name << " reads what the other encoder wrote";
      }
    }
    branch_of[static_cast<std::size_t>(layer.output)] = static_cast<int>(layer.branch);
  }
}

TEST(Network, GivesEachLayerItsOwnWeights) {
  const Network network = pipeline::network_of({});
  std::int64_t end = 0;
  for (const Layer& layer : network.layers) {
    EXPECT_GE(layer.weights, end);
    EXPECT_EQ(layer.weights % 64, 0);
    EXPECT_EQ(layer.bias % 64, 0);
    EXPECT_GE(layer.bias, layer.weights + layer.problem.w_count());
    end = layer.bias + layer.problem.k;
  }
  EXPECT_GE(network.weight_count, end);
  EXPECT_NEAR(static_cast<double>(network.weight_count), 36.26e6, 0.05e6);  // as its authors' model has
}

TEST(Pipeline, IsNamedBySize) {
  EXPECT_EQ(Pipeline::problem_name({.n = 16}), "wav2lip/n:16");
  EXPECT_EQ(Pipeline::problem_name({.n = 2, .levels = 3, .narrow = 4}), "wav2lip/n:2_pixels:24_narrow:4");
}

TEST(Pipeline, RefusesWhatCanNotBe) {
  for (const Pipeline::Problem& problem :
       {Pipeline::Problem{.n = 0}, {.n = -1}, {.n = 1 << 20}, {.levels = 0}, {.levels = 12}, {.narrow = 0}})
    EXPECT_THROW(Pipeline::validate(problem), InvalidProblem) << Pipeline::problem_name(problem);
  EXPECT_NO_THROW(Pipeline::validate({}));
}

TEST(Pipeline, HearsAFifthOfASecondAFrame) {
  EXPECT_EQ(Pipeline::Problem{}.first_column(0), 0);
  EXPECT_EQ(Pipeline::Problem{}.first_column(1), 3);
  EXPECT_EQ(Pipeline::Problem{}.first_column(4), 12);  // 12.8
  EXPECT_EQ(Pipeline::Problem{}.first_column(25), 80);
  for (const std::int64_t n : {1, 2, 16, 128}) {
    const Pipeline::Problem problem{.n = n};
    EXPECT_EQ(mel_of(problem).frames(), problem.columns()) << n;
  }
}

TEST(Pipeline, CountsTheWorkOfThePublishedNetwork) {
  EXPECT_NEAR(Pipeline::work({}).flop, 7.93e9, 0.01e9);  // 51 layers
  EXPECT_NEAR(Pipeline::work({.n = 16}).flop, 126.94e9, 0.1e9);
}

/// The maps of one small frame in double.
std::map<std::string, DoubleMap> maps_of_a_frame(const Pipeline::Problem& problem) {
  std::vector<std::vector<std::byte>> bytes;
  std::vector<void*> pointers;
  for (const TensorSpec& spec : Pipeline::inputs(problem)) {
    bytes.emplace_back(bytes_of(spec));
    pointers.push_back(bytes.back().data());
  }
  Pipeline::fill(problem, 1, pointers);
  const Network network = pipeline::network_of(problem);
  std::map<int, DoubleMap> maps;
  const auto given = [&](int which, auto value) {
    const pipeline::Map shape = network.maps[static_cast<std::size_t>(which)];
    std::vector<double> values;
    for (std::int64_t i = 0; i < shape.count(); ++i) values.push_back(value(i));
    maps[which] = {shape, std::move(values)};
  };
  given(Network::faces, [&](std::int64_t i) { return to_float(static_cast<const f16*>(pointers[1])[i]); });
  given(Network::windows, [](std::int64_t i) { return std::sin(static_cast<double>(i)); });
  std::map<std::string, DoubleMap> named;
  for (const Layer& layer : network.layers) {
    maps[layer.output] = pipeline::convolve(layer, maps[layer.input], layer.skip < 0 ? nullptr : &maps[layer.skip],
                                            static_cast<const f16*>(pointers[2]), pipeline::MapsAre::exact);
    named[layer.name] = maps[layer.output];
  }
  return named;
}

TEST(Pipeline, KeepsActivationsSane) {
  const auto maps = maps_of_a_frame({.levels = 3, .narrow = 2});
  for (const auto& [name, map] : maps) {
    double square = 0, positive = 0;
    for (const double value : map.values) {
      square += value * value;
      positive += value > 0;
    }
    const auto count = static_cast<double>(map.values.size());
    EXPECT_GT(positive / count, 0.15) << name;
    EXPECT_GT(std::sqrt(square / count), 0.1) << name;
    EXPECT_LT(std::sqrt(square / count), 30) << name;
  }
  double least = 1, most = 0;
  for (const double value : maps.at("out1").values) {
    least = std::min(least, value);
    most = std::max(most, value);
  }
  EXPECT_LT(least, 0.4);  // a sigmoid that saturates would hide what is wrong before it
  EXPECT_GT(most, 0.6);
}

TEST(Pipeline, ChecksWholeFramesAndOneAtLeast) {
  const auto one = Pipeline::check_indices({.n = 16}, 0, 7);
  ASSERT_EQ(one.size(), 96u * 96 * 3);
  EXPECT_EQ(one.front() % (96 * 96 * 3), 0);
  EXPECT_EQ(one.back(), one.front() + 96 * 96 * 3 - 1);
  EXPECT_NE(Pipeline::check_indices({.n = 16}, 0, 8).front(), one.front());
  EXPECT_EQ(Pipeline::check_indices(small, 1e12, 1).size(), 2u * 12 * 12 * 3);
}

class PipelineOn : public OpOn<Pipeline> {};

TEST_P(PipelineOn, IsRight) {
  prove(small);
  prove({.n = 3, .levels = 2, .narrow = 4});
#if !SIMT_ASAN  // what these reach is reached by conv2d's own tests there
  prove({.n = 2, .levels = 3, .narrow = 2});
  prove({.n = 1, .levels = 2});
#endif
}

INSTANTIATE_TEST_SUITE_P(Devices, PipelineOn, every_device(), device_name);

}  // namespace
}  // namespace kernelgate
