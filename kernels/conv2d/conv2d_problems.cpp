// The convolutions worth timing: the layers of two networks, one image at a time and in batches.

#include <fmt/format.h>

#include <algorithm>

#include "kernels/conv2d/resnet50_layers.h"
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

std::vector<Workload<Conv2d>> workloads() {
  std::vector<Workload<Conv2d>> list;
  add_network(list, "wav2lip", conv2d::wav2lip_layers, 128);  // the batch of its own inference script
  add_network(list, "resnet50", conv2d::resnet50_layers, 32);
  return list;
}

const RegisterWorkloads<Conv2d> registered{workloads()};

}  // namespace
}  // namespace kernelgate
