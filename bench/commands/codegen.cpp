// kernelgate codegen: what the compiler made of every kernel, compared with what was accepted. Needs no GPU.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "bench/code/counted_code.h"
#include "bench/commands/command.h"
#include "bench/program/build_info.h"
#include "bench/program/program_file.h"
#include "bench/program/ptxas_log.h"
#include "bench/run/baselines_folder.h"
#include "harness/base/utc_time.h"
#include "harness/codegen/codegen_text.h"
#include "harness/codegen/read_kernels.h"

namespace kernelgate {
namespace {

namespace fs = std::filesystem;

struct CodegenArguments {
  std::vector<std::string> files;
  std::vector<std::string> archs;
  std::string baselines;
  bool strict = false, json = false, changes = false, need_instructions = false;
  bool accept = false;
  AcceptCodegen acceptance;
};

constexpr const char* codegen_footer =
    "A spill, a serialised wgmma (ptxas' notes C7510 to C7515) that the baseline lacks, or Tensor Cores no longer\n"
    "used are a regression; all else is listed. Instructions are counted where cuobjdump and nvdisasm are found.\n"
    "Exit codes: 0 no regression; 3 a regression; 4 not shown to be the same (--strict); 77 no kernels, or no tool\n"
    "where one is needed. The rules: docs/codegen.md.\n\n"
    "Examples:\n"
    "  kernelgate codegen --arch 90a\n"
    "  kernelgate codegen --changes --strict\n"
    "  kernelgate codegen my_kernel.o\n"
    "  kernelgate codegen --accept --reason 'larger tiles, 3 registers more'";

std::vector<CodeSource> sources_of(const CodegenArguments& arguments) {
  std::vector<CodeSource> sources;
  for (const std::string& file : arguments.files) sources.push_back(code_source(file));
  if (!sources.empty()) return sources;
  if (ptxas_log().empty())
    throw HarnessError(ExitCode::nothing,
                       "this program holds no CUDA kernels: it was built without a CUDA compiler; build with one "
                       "(scripts/build installs what is missing), or name a file: kernelgate codegen FILE");
  return {{program_file(), std::string(ptxas_log()), counted_code()}};
}

ExitCode accept(const CodegenArguments& arguments, const std::vector<ArchCode>& codes) {
  for (const fs::path& path : accept_codegen(codes, baselines_folder(arguments.baselines), arguments.acceptance))
    fmt::print("accepted into {}\n", path.string());
  return ExitCode::good;
}

void print_json(const std::vector<ArchCode>& codes, const std::vector<CodegenComparison>& comparisons, ExitCode code) {
  nlohmann::ordered_json archs = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < codes.size(); ++i) archs.push_back(to_json(codes[i], comparisons[i]));
  const nlohmann::ordered_json document{
      {"kernelgate_codegen", codegen_schema_version}, {"architectures", archs}, {"exit_code", static_cast<int>(code)}};
  fmt::print("{}\n", document.dump(1, ' ', false, nlohmann::json::error_handler_t::replace));
}

ExitCode compare(const CodegenArguments& arguments, const std::vector<ArchCode>& codes) {
  const fs::path folder = baselines_folder(arguments.baselines);
  std::vector<CodegenComparison> comparisons;
  ExitCode code = ExitCode::good;
  std::string unsettled;
  for (const ArchCode& one : codes) {
    comparisons.push_back(compare_codegen(one, read_codegen_baseline(folder, one.arch), !arguments.files.empty()));
    code = worse(code, comparisons.back().exit_code(arguments.strict));
    unsettled = one.no_instructions;
  }
  if (arguments.json) {
    print_json(codes, comparisons, code);
  } else {
    for (std::size_t i = 0; i < codes.size() && !arguments.changes; ++i) fmt::print("{}\n", table_text(codes[i]));
    for (const CodegenComparison& one : comparisons) fmt::print("{}", comparison_text(one));
  }
  if (!unsettled.empty()) fmt::print(stderr, "kernelgate: no instruction counts: {}\n", unsettled);
  return code;
}

ExitCode run_codegen(CodegenArguments arguments) {
  for (std::string& arch : arguments.archs) arch = arch_name(arch);
  if (arguments.accept && !arguments.files.empty())
    throw HarnessError(ExitCode::usage, "--accept takes the program's own kernels; leave out the files");
  const std::vector<CodeSource> sources = sources_of(arguments);
  arguments.acceptance.accepted_utc = utc_now();
  arguments.acceptance.commit = build_info().commit;
  arguments.acceptance.dirty = build_info().dirty;
  if (arguments.accept) require_acceptable(arguments.acceptance);
  const CudaTools tools = find_cuda_tools();
  const bool counted = sources.front().counted.has_value();
  if (const std::string missing = counted ? "" : missing_for_instructions(tools);
      arguments.need_instructions && !missing.empty())
    throw HarnessError(ExitCode::nothing, missing);
  const std::vector<ArchCode> codes = read_kernels(sources, tools, arguments.archs);
  if (codes.empty()) throw HarnessError(ExitCode::nothing, "no kernels in what was named; name what nvcc made");
  return arguments.accept ? accept(arguments, codes) : compare(arguments, codes);
}

std::function<ExitCode()> add_codegen(CLI::App& app) {
  auto arguments = std::make_shared<CodegenArguments>();
  app.add_option("FILE", arguments->files,
                 "programs, objects or cubins instead of this program's own kernels; FILE.ptxas, if it is there, is\n"
                 "what ptxas -v said of it");
  app.add_option("--arch", arguments->archs, "only this architecture, e.g. 90a; may be repeated")
      ->allow_extra_args(false);
  app.add_option(
      "--baselines", arguments->baselines,
      "folder of baselines (default: $KERNELGATE_BASELINES, else 'baselines' beside the program or one above, "
      "else here)");
  app.add_flag("--strict", arguments->strict, "whatever is not shown to be the same gives exit 4");
  app.add_flag("--need-instructions", arguments->need_instructions, "exit 77 where instructions can't be counted");
  auto* json = app.add_flag("--json", arguments->json, "print facts and comparison as JSON on stdout");
  app.add_flag("--changes", arguments->changes, "print the comparison without the tables")->excludes(json);
  auto* accept = app.add_flag("--accept", arguments->accept, "write the baselines of the architectures that are built");
  app.add_option("--reason", arguments->acceptance.reason, "why they are accepted; kept in the file")->needs(accept);
  app.add_flag("--allow-dirty", arguments->acceptance.allow_dirty,
               "accept a build with uncommitted changes, and mark it")
      ->needs(accept);
  app.footer(codegen_footer);
  return [arguments] { return run_codegen(*arguments); };
}

const RegisterCommand registered_codegen{
    {"codegen", "Registers, spills, shared memory, instructions of every kernel, compared with the baseline",
     add_codegen}};

}  // namespace
}  // namespace kernelgate
