// kernelgate-silicon: what only a GPU can tell of the host executor, of the model of its speed, and of the guards.

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>

#include "bench/program/build_info.h"
#include "bench/silicon/commands.h"
#include "harness/base/printable.h"
#include "harness/base/process/standard_streams.h"

namespace kernelgate::silicon {
namespace {

int fail(ExitCode code, const std::string& text) {
  std::fflush(stdout);
  fmt::print(stderr, "kernelgate-silicon: {}\n", one_line(text));
  return static_cast<int>(code);
}

CLI::App* add_common(CLI::App& app, const char* name, const char* summary, CommonOptions& common) {
  CLI::App* sub = app.add_subcommand(name, summary);
  sub->add_option("--gpu", common.gpu, "which GPU, as CUDA counts")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  sub->add_option("--out", common.out, "a file of JSON, a line for each thing that is known");
  sub->add_option("--only", common.only, "those with this in their name");
  sub->add_option("--limit", common.limit_s, "seconds for each of them")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  sub->add_flag("--rehearsal", common.rehearsal, "the host executor in the GPU's place: shows that the program works");
  return sub;
}

int run(int argc, char** argv) {
  CLI::App app{
      "What only a GPU can tell: whether the host executor does what silicon does, how fast this GPU is,\n"
      "and whether implementations that cheat are caught. Needs the driver and nothing else."};
  app.name("kernelgate-silicon");
  app.require_subcommand(1);
  app.set_version_flag("--version", "kernelgate-silicon " + build_info().version);
  app.footer(
      "Example:\n  kernelgate-silicon compare --out compare.jsonl\n\n"
      "Exit codes: 0 good; 1 usage or internal error; 2 a difference, or a guard that is wrong; 6 not complete;\n"
      "77 no GPU, or nothing that it could do. docs/on_gpu.md says more.");
  ExitCode code = ExitCode::good;
  CommonOptions common;
  std::string gpu_file, folder, steps;
  CLI::App* compare =
      add_common(app, "compare", "The vocabulary on this GPU and on the host executor, bit for bit", common);
  compare->add_option("--seed", common.seed, "of the inputs")->capture_default_str();
  compare->callback([&] { code = compare_command(common); });
  CLI::App* measure = add_common(app, "measure", "This GPU's figures, for the model of its speed", common);
  measure->add_option("--gpu-file", gpu_file, "where they go for `kernelgate predict --gpu FILE`");
  measure->callback([&] { code = measure_command(common, gpu_file); });
  add_common(app, "exploits", "Implementations that cheat, and the guards that must catch them", common)->callback([&] {
    code = exploits_command(common);
  });
  app.add_subcommand("list", "The probes")->callback([&] { code = list_command(); });
  CLI::App* page = app.add_subcommand("page", "One page of what scripts/on_gpu left in a folder");
  page->add_option("folder", folder, "the folder")->required();
  page->add_option("--steps", steps, "what is known of the steps, where the folder could not take it");
  page->callback([&] { code = page_command(folder, steps); });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : static_cast<int>(ExitCode::usage);
  }
  if (!stdout_arrived() && code == ExitCode::good)
    return fail(ExitCode::usage, "standard output could not be written; free space where it goes, and run again");
  return static_cast<int>(code);
}

}  // namespace
}  // namespace kernelgate::silicon

int main(int argc, char** argv) {
  using kernelgate::ExitCode;
  kernelgate::keep_streams_from_failing();
  try {
    return kernelgate::silicon::run(argc, argv);
  } catch (const kernelgate::HarnessError& e) {
    return kernelgate::silicon::fail(e.code, e.what());
  } catch (const std::exception& e) {
    return kernelgate::silicon::fail(ExitCode::usage, e.what());
  }
}
