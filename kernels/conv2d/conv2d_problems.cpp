// The convolutions worth timing, layers of networks, one image at a time and in batches; and those that are verified
// only.

#include <fmt/format.h>

#include <algorithm>

#include "kernels/conv2d/other_layers.h"
#include "kernels/conv2d/resnet50_layers.h"
#include "kernels/conv2d/shape.h"
#include "kernels/conv2d/wav2lip_layers.h"
#include "kernels/op/any_op.h"

namespace kernelgate {
namespace {

/// Networks, and layers within one, share problems: one workload then has both labels.
void add(std::vector<Workload<Conv2d>>& workloads, const Conv2d::Problem& problem, const std::string& label,
         const std::vector<std::string>& suites) {
  const auto known = std::ranges::find(workloads, problem, &Workload<Conv2d>::problem);
  if (known == workloads.end()) {
    workloads.push_back({problem, label, suites});
    return;
  }
  known->label += ", " + label;
  for (const std::string& suite : suites)
    if (std::ranges::find(known->suites, suite) == known->suites.end()) known->suites.push_back(suite);
}

void add_network(std::vector<Workload<Conv2d>>& workloads, const char* network, std::span<const conv2d::Layer> layers,
                 std::int64_t large_batch) {
  for (const bool large : {false, true})
    for (const conv2d::Layer& layer : layers) {
      std::string label = fmt::format("{} {}", network, layer.name);
      if (layer.times > 1) label += fmt::format(" x{}", layer.times);
      std::vector<std::string> suites{"full"};
      if (!large || (layer.suites & conv2d::large_default) != 0) suites.emplace_back("default");
      if (!large && (layer.suites & conv2d::smoke) != 0) suites.emplace_back("smoke");
      add(workloads, layer.problem(large ? large_batch : 1), label, suites);
    }
}

std::vector<Workload<Conv2d>> worth_timing() {
  std::vector<Workload<Conv2d>> list;
  add_network(list, "wav2lip", conv2d::wav2lip_layers, 128);  // the batch of its own inference script
  add_network(list, "resnet50", conv2d::resnet50_layers, 32);
  for (const bool large : {false, true})
    for (const conv2d::OtherLayer& layer : conv2d::other_layers) {
      if (large && layer.large_batch == 1) continue;
      Conv2d::Problem problem = layer.shape;
      if (large) problem.n = layer.large_batch;
      std::vector<std::string> suites{"full"};
      if (!large && layer.in_default) suites.emplace_back("default");
      add(list, problem, layer.name, suites);
    }
  return list;
}

/// Shapes at which kernels break.
std::vector<Workload<Conv2d>> awkward() {
  std::vector<Workload<Conv2d>> list;
  const auto add = [&list](const conv2d::Shape& shape, const char* why) { list.push_back({shape, why, {"verify"}}); };
  add({}, "one of everything");
  add({.image = {9, 7}, .c = 3, .k = 5, .filter = 3, .pad = 1, .bias = true, .relu = true}, "odd channels");
  add({.n = 2, .image = 16, .c = 6, .k = 16, .filter = 7, .pad = 3, .bias = true, .relu = true},
      "few channels, wide filter");
  add({.image = {13, 11}, .c = 24, .k = 40, .filter = 3, .pad = 1, .bias = true, .residual = true, .relu = true},
      "tails everywhere, residual");
  add({.n = 2, .image = {15, 17}, .c = 16, .k = 32, .filter = 3, .stride = {3, 2}, .pad = 1}, "unequal strides");
  add({.image = 20, .c = 8, .k = 8, .filter = 3, .pad = 2, .dilation = 2}, "dilation");
  add({.image = 12, .c = 32, .k = 48, .filter = 3, .pad = 1, .groups = 4, .bias = true}, "groups");
  add({.image = 14, .c = 33, .k = 33, .filter = 3, .pad = 1, .groups = 33, .relu = true}, "depthwise");
  add({.image = {9, 13},
       .c = 24,
       .k = 24,
       .filter = 5,
       .stride = 2,
       .pad = 2,
       .groups = 24,
       .bias = true,
       .residual = true},
      "depthwise, channels in fours");
  add({.image = 3, .c = 256, .k = 64, .filter = 3, .pad = 1, .bias = true, .activation = Conv2d::Activation::gelu},
      "few outputs, a long reduction");
  add({.image = 9, .c = 72, .k = 3, .filter = 3, .pad = 1, .bias = true, .activation = Conv2d::Activation::sigmoid},
      "few output channels");
  add({.image = 5, .c = 16, .k = 16, .filter = 3, .pad = 3}, "padding wider than half the filter");
  add({.image = 11, .c = 8, .k = 8, .stride = 4}, "stride larger than the filter");
  add({.n = 3, .c = 128, .k = 70}, "a matrix product");
  add({.image = 6,
       .c = 40,
       .k = 24,
       .filter = 3,
       .stride = 2,
       .pad = 1,
       .bias = true,
       .relu = true,
       .transposed = true,
       .output_padding = 1},
      "transposed, as Wav2Lip's decoder");
  add({.c = 64, .k = 32, .filter = 3, .bias = true, .transposed = true}, "transposed from a single pixel");
  add({.image = {5, 7}, .c = 6, .k = 9, .filter = 4, .stride = 2, .pad = 1, .groups = 3, .transposed = true},
      "transposed in groups");
  add({.image = 12, .c = 80, .k = 48, .filter = 3, .pad = 1, .bias = true, .relu = true, .skip_c = 16},
      "two inputs, as Wav2Lip's output block");
  add({.image = 5,
       .c = 160,
       .k = 72,
       .filter = 3,
       .stride = 2,
       .pad = 1,
       .bias = true,
       .relu = true,
       .transposed = true,
       .output_padding = 1,
       .skip_c = 32},
      "two inputs transposed, as Wav2Lip's decoder");
  add({.image = 7, .c = 13, .k = 9, .filter = 3, .pad = 1, .bias = true, .skip_c = 6}, "two inputs of odd channels");
  return list;
}

const RegisterWorkloads<Conv2d> timed{worth_timing()}, verified{awkward()};

}  // namespace
}  // namespace kernelgate
