#include <fmt/format.h>

#include <cstdio>

#include "bench/program/build_info.h"
#include "bench/silicon/commands.h"
#include "bench/silicon/compare/compare_all.h"
#include "bench/silicon/gpu_here.h"
#include "bench/silicon/json_lines.h"
#include "harness/base/process/interrupt.h"
#include "harness/base/utc_time.h"

namespace kernelgate::silicon {
namespace {

using Json = nlohmann::ordered_json;

void show(const Json& line) {
  const std::string outcome = line["outcome"];
  if (outcome == "same" && !line.contains("alone")) return;
  std::string text = fmt::format("{:15} {}", outcome, line["probe"].get<std::string>());
  if (outcome == "different")
    text += fmt::format(": byte {}: executor {}, GPU {}; {} of {} elements", line["at"].get<std::size_t>(),
                        line["executor"].get<std::string>(), line["gpu"].get<std::string>(),
                        line["elements"].get<std::size_t>(), line["of"].get<std::size_t>());
  if (line.contains("text")) text += ": " + line["text"].get<std::string>();
  if (line.contains("open")) text += fmt::format(" ({})", line["open"].get<std::string>());
  if (line.contains("alone")) text += " [again, alone]";
  fmt::print("{}\n", text);
  std::fflush(stdout);
}

}  // namespace

ExitCode list_command() {
  for (const Probe& probe : probes_of(DeviceKind::simt))
    fmt::print("{}  needs {}.{}{}\n", probe.name, probe.needs.compute_capability / 10,
               probe.needs.compute_capability % 10, probe.needs.that_alone ? " itself" : "");
  return ExitCode::good;
}

ExitCode compare_command(const CommonOptions& common) {
  std::vector<ProbePair> pairs = probe_pairs(common.rehearsal);
  std::erase_if(pairs,
                [&](const ProbePair& pair) { return pair.executor.name.find(common.only) == std::string::npos; });
  if (pairs.empty() && !common.only.empty())
    throw HarnessError(ExitCode::usage, "no probe has '" + common.only + "' in its name; see: kernelgate-silicon list");
  const GpuHere gpu = common.rehearsal ? no_gpu_but_executor() : gpu_here(common.gpu);
  if (!gpu.reason.empty()) throw HarnessError(ExitCode::nothing, "no GPU: " + gpu.reason);
  JsonLines out(common.out);
  catch_interrupts();
  out.add({{"silicon", "compare"},
           {"schema_version", 1},
           {"gpu", gpu.device.name},
           {"compute_capability", gpu.device.compute_capability},
           {"driver", gpu.driver},
           {"commit", build_info().commit},
           {"started_utc", utc_now()},
           {"seed", common.seed},
           {"rehearsal", common.rehearsal},
           {"probes", pairs.size()}});
  CompareOptions options;
  options.device = gpu.device;
  options.seed = common.seed;
  options.limit = std::chrono::milliseconds(static_cast<long>(common.limit_s * 1000));
  options.on_line = [&](const Json& line) {
    out.add(line);
    show(line);
  };
  const CompareCounts counts = compare_all(pairs, options);
  out.add({{"end", utc_now()}});
  fmt::print("{}: {} the same, {} different, {} errors, {} lost, {} skipped{}\n", gpu.device.name, counts.same,
             counts.different, counts.errors, counts.lost, counts.skipped,
             counts.not_begun > 0 ? fmt::format(", {} not begun", counts.not_begun) : "");
  if (!out.why_incomplete().empty()) {
    fmt::print(stderr, "kernelgate-silicon: {}\n", out.why_incomplete());
    return worse(exit_code(counts), ExitCode::invalid);
  }
  return exit_code(counts);
}

}  // namespace kernelgate::silicon
