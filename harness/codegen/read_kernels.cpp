#include "harness/codegen/read_kernels.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <future>
#include <iterator>
#include <set>
#include <thread>

#include "harness/base/error.h"
#include "harness/codegen/kernel_name.h"
#include "harness/codegen/ptxas_log.h"
#include "harness/codegen/resource_usage.h"

namespace kernelgate {
namespace {

namespace fs = std::filesystem;

struct ByArch {
  bool operator()(const std::string& a, const std::string& b) const { return arch_less(a, b); }
};

std::string label_of(const fs::path& file) {
  const std::string name = file.filename().string();
  return name.substr(0, name.find('.'));
}

bool wanted(const std::string& arch, const std::vector<std::string>& archs) {
  return archs.empty() || std::ranges::find(archs, arch) != archs.end();
}

void add_instructions(std::vector<KernelCode>& kernels, const std::map<CodeKey, InstructionCounts>& counts,
                      const fs::path& file) {
  for (KernelCode& kernel : kernels) {
    const auto found = counts.find({kernel.arch, kernel.symbol});
    if (found != counts.end()) kernel.instructions = found->second;
    // A device function may have been laid into its caller's code.
    if (found == counts.end() && kernel.is_kernel())
      throw ResultError(
          fmt::format("'{}' has no kernel {} for {}, of which its ptxas log speaks: they are not of one "
                      "build; build again",
                      file.string(), kernel.symbol, kernel.arch));
  }
}

std::vector<KernelCode> read_with_log(const CodeSource& source, const CudaTools& tools, bool disassemble,
                                      const std::vector<std::string>& archs) {
  std::vector<KernelCode> kernels =
      parse_ptxas_log(*source.log, fmt::format("ptxas' log of '{}'", source.file.string()), label_of(source.file));
  std::erase_if(kernels, [&](const KernelCode& kernel) { return !wanted(kernel.arch, archs); });
  if (source.counted) add_instructions(kernels, source.counted->counts, source.file);
  if (source.counted || !disassemble || kernels.empty()) return kernels;
  std::set<std::string> present;
  for (const KernelCode& kernel : kernels) present.insert(kernel.arch);
  using Counts = std::map<CodeKey, InstructionCounts>;
  const auto count = [&](const std::string& arch) {
    return parse_sass(run_cuobjdump(tools, source.file, "-sass", arch), source.file.string());
  };
  // As many at a time as there are cores: nvdisasm uses one, and the text of all of them may be large.
  const std::size_t at_once = std::max(1u, std::thread::hardware_concurrency());
  Counts counts;
  for (auto next = present.begin(); next != present.end();) {
    std::vector<std::future<Counts>> running;
    for (; next != present.end() && running.size() < at_once; ++next)
      running.push_back(std::async(std::launch::async, count, *next));
    for (std::future<Counts>& one : running) counts.merge(one.get());
  }
  add_instructions(kernels, counts, source.file);
  return kernels;
}

std::vector<KernelCode> read_without_log(const CodeSource& source, const CudaTools& tools, bool disassemble,
                                         const std::vector<std::string>& archs) {
  const std::string usage = run_cuobjdump(tools, source.file, "-res-usage");
  std::map<CodeKey, InstructionCounts> counts;
  if (disassemble) counts = parse_sass(run_cuobjdump(tools, source.file, "-sass"), source.file.string());
  // Of a bare cubin -res-usage does not say the architecture; its code does.
  const std::string arch = counts.empty() ? "" : counts.begin()->first.first;
  std::vector<KernelCode> kernels =
      parse_resource_usage(usage, fmt::format("'{}'", source.file.string()), label_of(source.file), arch);
  std::erase_if(kernels, [&](const KernelCode& kernel) { return !wanted(kernel.arch, archs); });
  if (disassemble) add_instructions(kernels, counts, source.file);
  return kernels;
}

}  // namespace

CodeSource code_source(const fs::path& file) {
  std::error_code ignored;
  if (!fs::is_regular_file(file, ignored))
    throw HarnessError(
        ExitCode::usage,
        fmt::format("'{}' is no file; name a program, an object or a cubin that nvcc made", file.string()));
  CodeSource source{file, std::nullopt};
  if (std::ifstream log(file.string() + ".ptxas", std::ios::binary); log)
    source.log = std::string(std::istreambuf_iterator<char>(log), {});
  return source;
}

std::vector<ArchCode> read_kernels(const std::vector<CodeSource>& sources, const CudaTools& tools,
                                   const std::vector<std::string>& archs) {
  const bool counted =
      std::ranges::all_of(sources, [](const CodeSource& source) { return source.counted.has_value(); });
  const std::string missing = counted ? "" : missing_for_instructions(tools);
  std::vector<KernelCode> all;
  for (const CodeSource& source : sources) {
    const auto read = source.log ? read_with_log : read_without_log;
    std::ranges::move(read(source, tools, missing.empty(), archs), std::back_inserter(all));
  }
  name_kernels(all);
  std::map<std::string, ArchCode, ByArch> grouped;
  for (KernelCode& kernel : all) {
    ArchCode& group = grouped[kernel.arch];
    if (!group.kernels.empty() && group.nvcc != kernel.nvcc)
      throw ResultError(fmt::format("kernels for {} by two compilers, nvcc {} and {}; build again with one",
                                    kernel.arch, group.nvcc.empty() ? "of unknown version" : group.nvcc,
                                    kernel.nvcc.empty() ? "of unknown version" : kernel.nvcc));
    group.arch = kernel.arch;
    group.nvcc = kernel.nvcc;
    group.kernels.push_back(std::move(kernel));
  }
  for (const std::string& arch : archs)
    if (!grouped.contains(arch))
      throw HarnessError(
          ExitCode::usage,
          fmt::format("no kernels for {} here; configure with -DKERNELGATE_CUDA_ARCHS={}", arch, arch.substr(2)));
  std::vector<ArchCode> result;
  std::string version;
  if (counted && !sources.empty())
    version = sources.front().counted->disassembler;
  else if (missing.empty() && !all.empty())
    version = cuobjdump_version(tools);
  for (auto& [arch, group] : grouped) {
    group.no_instructions = missing;
    group.disassembler = version;
    std::ranges::sort(group.kernels, {}, &KernelCode::name);
    result.push_back(std::move(group));
  }
  return result;
}

}  // namespace kernelgate
