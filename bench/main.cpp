// The program: finds the command, runs it, turns every error into one line and an exit code.

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>

#include "bench/commands/command.h"
#include "bench/program/build_info.h"
#include "harness/base/printable.h"
#include "harness/base/process/standard_streams.h"
#include "kernels/op/error.h"
#include "kernels/user/user_op.h"

namespace kernelgate {
namespace {

std::string version_text() {
  const BuildInfo& build = build_info();
  return fmt::format("kernelgate {} (commit {}{}, {}, {})", build.version, build.commit,
                     build.dirty ? ", modified" : "", build.compiler,
                     build.nvcc.empty() ? "without CUDA" : "nvcc " + build.nvcc);
}

int fail(ExitCode code, const std::string& text) {
  std::fflush(stdout);
  fmt::print(stderr, "kernelgate: {}\n", one_line(text));
  return static_cast<int>(code);
}

/// What was printed must have arrived: a full disk behind a redirection is an error, not a silence. A reader that left
/// by itself had what it wanted.
int finish(ExitCode code) {
  if (stdout_arrived()) return static_cast<int>(code);
  return fail(ExitCode::usage, "standard output could not be written; free space where it goes, and run again");
}

/// CLI11 would say that a command is required, without the word that it didn't know.
void expect_known_command(int argc, char** argv) {
  const std::string word = argc > 1 && *argv[1] != '\0' ? argv[1] : "-";
  if (word.front() != '-') commands().find(word);
}

int run(int argc, char** argv) {
  expect_known_command(argc, argv);
  expect_user_ops();
  CLI::App app{
      "Checks a GPU machine, proves CUDA kernels right, measures them beside the vendor's libraries,\n"
      "and says whether anything got slower."};
  app.name("kernelgate");
  app.require_subcommand(1);
  app.set_version_flag("--version", version_text());
  app.footer(
      "Example:\n  kernelgate run --suite smoke --out result.json\n\n"
      "Exit codes: 0 good; 1 usage or internal error; 2 a wrong result; 3 a confirmed regression;\n"
      "4 inconclusive (with --strict); 5 environment refused or results not comparable; 6 invalid run;\n"
      "77 nothing could be measured.\n"
      "Each command has its own --help with an example.");
  app.failure_message([](const CLI::App* failed, const CLI::Error& e) {
    // The error is the program's, whichever command it is about.
    const auto parsed = failed->get_subcommands();
    const std::string command = parsed.empty() ? "" : " " + parsed.front()->get_name();
    return fmt::format("kernelgate: {}; see: kernelgate{} --help\n", e.what(), command);
  });
  ExitCode code = ExitCode::good;
  for (const Command& command : commands().all()) {
    CLI::App* sub = app.add_subcommand(command.name, command.summary);
    sub->callback([run_command = command.add(*sub), &code] { code = run_command(); });
  }
  command_line().assign(argv, argv + argc);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    const int status = app.exit(e);  // help and --version leave with 0
    return status == 0 ? finish(ExitCode::good) : static_cast<int>(ExitCode::usage);
  }
  return finish(code);
}

}  // namespace
}  // namespace kernelgate

int main(int argc, char** argv) {
  using kernelgate::ExitCode;
  kernelgate::keep_streams_from_failing();
  try {
    return kernelgate::run(argc, argv);
  } catch (const kernelgate::HarnessError& e) {
    return kernelgate::fail(e.code, e.what());
  } catch (const std::exception& e) {
    return kernelgate::fail(ExitCode::usage, e.what());
  }
}
