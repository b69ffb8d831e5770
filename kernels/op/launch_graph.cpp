#include "kernels/op/launch_graph.h"

#include <memory>

#include "kernels/op/memory_backend.h"

namespace kernelgate {

Launch as_one_launch(const Device& device, LaunchGraph graph) {
  const auto all = std::make_shared<const LaunchGraph>(std::move(graph));
  auto one_by_one = [all](Stream stream) {
    for (const auto* part : {&all->beside, &all->first, &all->then})
      for (const Launch& launch : *part) launch(stream);
  };
  if (device.kind != DeviceKind::cuda) return one_by_one;
  one_by_one(nullptr);
  gpu_memory::synchronize();
  const auto run = [](const std::vector<Launch>& launches) {
    return [&launches](Stream stream) {
      for (const Launch& launch : launches) launch(stream);
    };
  };
  // What the launches hold, tables and scratch, must live as long as the graph.
  return [all, graph = gpu_memory::capture(run(all->first), run(all->beside), run(all->then))](Stream stream) {
    gpu_memory::replay(graph.get(), stream);
  };
}

}  // namespace kernelgate
