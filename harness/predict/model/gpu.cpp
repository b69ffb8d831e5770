#include "harness/predict/model/gpu.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "harness/base/json/strict_json.h"
#include "harness/predict/model/embedded_gpus.h"

namespace kernelgate::predict {
namespace {

struct Figure {
  const char* name;
  double Gpu::*member;
  int since = 0;  ///< the compute capability from which on there must be one
};

constexpr std::array figures{
    Figure{"clock_hz", &Gpu::clock_hz},
    Figure{"peak_flops", &Gpu::peak_flops},
    Figure{"l2_bytes", &Gpu::l2_bytes},
    Figure{"l2_bytes_per_s", &Gpu::l2_bytes_per_s},
    Figure{"dram_bytes_per_s", &Gpu::dram_bytes_per_s},
    Figure{"l2_bytes_per_cycle", &Gpu::l2_bytes_per_cycle},
    Figure{"hmma_16816", &Gpu::hmma_16816},
    Figure{"hmma_1688", &Gpu::hmma_1688},
    Figure{"alu", &Gpu::alu},
    Figure{"imad", &Gpu::imad},
    Figure{"ffma", &Gpu::ffma},
    Figure{"special", &Gpu::special},
    Figure{"memory_issue", &Gpu::memory_issue},
    Figure{"uniform", &Gpu::uniform},
    Figure{"async_copy_issue", &Gpu::async_copy_issue},
    Figure{"l1_latency", &Gpu::l1_latency},
    Figure{"l2_latency", &Gpu::l2_latency},
    Figure{"dram_latency", &Gpu::dram_latency},
    Figure{"shared_latency", &Gpu::shared_latency},
    Figure{"special_latency", &Gpu::special_latency},
    Figure{"shuffle_latency", &Gpu::shuffle_latency},
    Figure{"register_read", &Gpu::register_read},
    Figure{"constant_latency", &Gpu::constant_latency},
    Figure{"barrier_release", &Gpu::barrier_release},
    Figure{"branch", &Gpu::branch},
    Figure{"wgmma_columns_per_cycle", &Gpu::wgmma_columns_per_cycle, 90},
    Figure{"wgmma_issue", &Gpu::wgmma_issue, 90},
    Figure{"wgmma_tail", &Gpu::wgmma_tail, 90},
    Figure{"wgmma_queue", &Gpu::wgmma_queue, 90},
    Figure{"shared_bytes_per_cycle", &Gpu::shared_bytes_per_cycle, 90},
    Figure{"tma_issue", &Gpu::tma_issue, 90},
    Figure{"tma_latency", &Gpu::tma_latency, 90},
    Figure{"tma_bytes_under_way", &Gpu::tma_bytes_under_way, 90},
    Figure{"multicast", &Gpu::multicast, 90},
    Figure{"mbarrier_arrive", &Gpu::mbarrier_arrive, 90},
    Figure{"mbarrier_wait", &Gpu::mbarrier_wait, 90},
    Figure{"remote_arrive", &Gpu::remote_arrive, 90},
    Figure{"cluster_barrier", &Gpu::cluster_barrier, 90},
    Figure{"other_shared_latency", &Gpu::other_shared_latency, 90},
    Figure{"other_shared_bytes_per_cycle", &Gpu::other_shared_bytes_per_cycle, 90},
    Figure{"fence_async", &Gpu::fence_async, 90},
    Figure{"fence_gpu", &Gpu::fence_gpu, 90},
    Figure{"warm_dram_latency", &Gpu::warm_dram_latency, 90},
    Figure{"sustained_flops", &Gpu::sustained_flops},
    Figure{"power_after_s", &Gpu::power_after_s},
    Figure{"launch_s", &Gpu::launch_s},
    Figure{"graph_node_s", &Gpu::graph_node_s},
    Figure{"cold_code", &Gpu::cold_code},
    Figure{"median_error", &Gpu::median_error},
    Figure{"worst_error", &Gpu::worst_error},
};

/// Without the first there is no figure for a cold L2; without graph_node_s kernels of a graph are taken for launches
/// of their own; without the others errors are not known.
bool may_be_unknown(std::string_view name) {
  return name == "dram_latency" || name == "graph_node_s" || name == "sustained_flops" || name == "power_after_s" ||
         name == "median_error" || name == "worst_error";
}

double number(ObjectReader& object, const char* name) {
  const nlohmann::json& value = object.field(name);
  if (!value.is_number() || value.get<double>() < 0) object.refuse(name, "a number that is not below 0");
  return value.get<double>();
}

}  // namespace

Gpu parse_gpu(std::string_view text, const std::string& file) {
  const nlohmann::json document = parse_strict_json(text, file);
  ObjectReader object(document, file);
  Gpu gpu;
  gpu.name = object.text("name");
  gpu.title = object.text("title");
  gpu.as_of = object.date("as_of");
  for (const auto& arch : object.list("archs")) gpu.archs.push_back(arch.get<std::string>());
  gpu.no_ground = object.optional_text("no_ground");
  gpu.fitted_on = object.optional_text("fitted_on");
  gpu.compute_capability = object.compute_capability("compute_capability");
  gpu.multiprocessors = static_cast<int>(object.integer("multiprocessors", 1, 1000));
  gpu.shared_bytes = static_cast<int>(object.integer("shared_bytes", 1, 1 << 24));
  gpu.shared_bytes_block = static_cast<int>(object.integer("shared_bytes_block", 1, 1 << 24));
  gpu.max_threads = static_cast<int>(object.integer("max_threads", 32, 65536));
  gpu.max_blocks = static_cast<int>(object.integer("max_blocks", 1, 1024));
  if (object.has("gpcs")) {
    for (const auto& count : object.list("gpcs")) gpu.gpcs.push_back(count.get<int>());
    object.text("gpcs_source");
  }
  const nlohmann::json& list = object.field("figures");
  ObjectReader all(list, file + ": figures");
  for (const Figure& figure : figures) {
    if (!all.has(figure.name)) {
      if (gpu.no_ground.empty() && gpu.compute_capability >= figure.since && !may_be_unknown(figure.name))
        all.refuse(figure.name, "a value and its source");
      continue;
    }
    ObjectReader one(all.field(figure.name), fmt::format("{}: figures: {}", file, figure.name));
    gpu.*figure.member = number(one, "value");
    one.text("source");
    one.finish();
  }
  all.finish();
  object.finish();
  return gpu;
}

std::vector<std::string> gpu_names() {
  std::vector<std::string> names;
  for (const EmbeddedText& one : gpu_texts()) {
    std::string name(one.name);
    std::ranges::replace(name, '_', '-');
    names.push_back(std::move(name));
  }
  std::ranges::sort(names);
  return names;
}

Gpu find_gpu(const std::string& name_or_file) {
  for (const EmbeddedText& one : gpu_texts()) {
    std::string name(one.name);
    std::ranges::replace(name, '_', '-');
    if (name == name_or_file) return parse_gpu(one.text, name + ".json");
  }
  if (!name_or_file.ends_with(".json"))
    throw HarnessError(ExitCode::usage,
                       fmt::format("no figures of a GPU called '{}'; there are: {}; or name a JSON file of that form",
                                   name_or_file, fmt::join(gpu_names(), ", ")));
  return parse_gpu(read_user_file(name_or_file), name_or_file);
}

}  // namespace kernelgate::predict
