#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "bench/program/build_info.h"
#include "bench/silicon/commands.h"
#include "bench/silicon/items_in_children.h"
#include "bench/silicon/json_lines.h"
#include "bench/silicon/measure/cuda_bench.h"
#include "bench/silicon/measure/gpu_file.h"
#include "harness/base/atomic_file.h"
#include "harness/base/process/interrupt.h"
#include "harness/base/utc_time.h"

namespace kernelgate::silicon {
namespace {

using Json = nlohmann::ordered_json;

std::vector<const Microbenchmark*> chosen(const std::string& only, const Device& gpu) {
  std::vector<const Microbenchmark*> all;
  for (const Microbenchmark& one : microbenchmarks()) {
    if (std::string(one.name).find(only) == std::string::npos) continue;
    const int has = gpu.compute_capability;
    if (one.that_alone ? has == one.compute_capability : has >= one.compute_capability) all.push_back(&one);
  }
  return all;
}

Json to_json(const char* of, const Figure& figure) {
  return {
      {"microbenchmark", of}, {"key", figure.key}, {"value", figure.value}, {"unit", figure.unit}, {"how", figure.how}};
}

}  // namespace

ExitCode measure_command(const CommonOptions& common, const std::string& file) {
  if (common.rehearsal)
    throw HarnessError(ExitCode::usage, "measure: the host executor has no times; leave --rehearsal out");
  const GpuHere gpu = gpu_here(common.gpu);
  if (!gpu.reason.empty()) throw HarnessError(ExitCode::nothing, "no GPU: " + gpu.reason);
  const auto all = chosen(common.only, gpu.device);
  if (all.empty()) throw HarnessError(ExitCode::nothing, "no microbenchmark of that name runs on " + gpu.device.name);
  JsonLines out(common.out);
  catch_interrupts();
  out.add({{"silicon", "measure"},
           {"schema_version", 1},
           {"gpu", gpu.device.name},
           {"compute_capability", gpu.device.compute_capability},
           {"driver", gpu.driver},
           {"commit", build_info().commit},
           {"started_utc", utc_now()},
           {"like", most_alike(gpu.device)}});
  std::vector<Figure> figures;
  int lost = 0;
  std::unique_ptr<Bench> bench;  // in the child
  ItemWork items;
  items.limit = std::chrono::milliseconds(static_cast<long>(common.limit_s * 1000));
  items.work = [&](std::size_t i, const SayLine& say) {
    try {
      if (!bench) bench = cuda_bench(gpu.device);
      all[i]->run(*bench, [&](const Figure& figure) { say(to_json(all[i]->name, figure).dump()); });
      return true;
    } catch (const std::exception& e) {
      say(Json{{"microbenchmark", all[i]->name}, {"text", e.what()}}.dump(-1, ' ', false,
                                                                          Json::error_handler_t::replace));
      return false;  // whatever it was, the next begins anew
    }
  };
  const auto failed = [&](const char* name, const std::string& why) {
    ++lost;
    fmt::print("{:28} failed: {}\n", name, why);
  };
  items.on_line = [&](std::size_t i, const std::string& text) {
    const Json line = Json::parse(text, nullptr, false);
    if (!line.is_object()) return;
    out.add(line);
    if (line.contains("text")) return failed(all[i]->name, line["text"].get<std::string>());
    if (!line["value"].is_number()) return;  // not a finite one
    figures.push_back(
        {line.value("key", ""), line["value"].get<double>(), line.value("unit", ""), line.value("how", "")});
    fmt::print("{:28} {:.6g} {}\n", figures.back().key, figures.back().value, figures.back().unit);
    std::fflush(stdout);
  };
  items.on_lost = [&](std::size_t i, const std::string& why) {
    out.add({{"microbenchmark", all[i]->name}, {"text", why}});
    failed(all[i]->name, why);
  };
  const std::size_t begun = do_items(all.size(), items);
  out.add({{"end", utc_now()}});
  if (!file.empty() && !figures.empty()) replace_file(file, gpu_file(gpu, figures, utc_now().substr(0, 10)));
  fmt::print("{}: {} figures, {} of {} microbenchmarks failed\n", gpu.device.name, figures.size(), lost, all.size());
  if (!out.why_incomplete().empty()) fmt::print(stderr, "kernelgate-silicon: {}\n", out.why_incomplete());
  if (figures.empty()) return ExitCode::nothing;
  return lost > 0 || begun < all.size() || !out.why_incomplete().empty() ? ExitCode::invalid : ExitCode::good;
}

}  // namespace kernelgate::silicon
