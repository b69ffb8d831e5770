#include "bench/commands/run_arguments.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <charconv>

#include "bench/run/state_folder.h"
#include "bench/user/kernel_files.h"
#include "harness/base/share.h"
#include "harness/report/reporter.h"

namespace kernelgate {
namespace {

constexpr const char* footer =
    "Checks the environment; for each case verifies, warms up, measures and verifies again; writes the result;\n"
    "compares with this device's baseline, if there is one; reports; exits with the worst of what it found.\n"
    "All --benchmark_* flags of Google Benchmark work: --benchmark_filter=REGEX, --benchmark_format=json,\n"
    "--benchmark_out=FILE, --benchmark_repetitions=N, --benchmark_min_time=SECONDS, --benchmark_list_tests.\n"
    "KERNELGATE_INJECT='slow:REGEX:1.10' or 'wrong:REGEX' shows that slow and wrong cases are seen.\n\n"
    "Examples:\n"
    "  kernelgate run --suite smoke --out result.json\n"
    "  kernelgate run --device cuda --suite default --runs 5 --require 'driver>=580.65.06,vram>=16GiB'\n"
    "  kernelgate run --html report.html --write junit=junit.xml\n"
    "  kernelgate run --against ../kernelgate-0.9/build\n"
    "  kernelgate run --op matmul --implementation sm90a_cooperative,cublaslt\n"
    "  kernelgate run --kernel mine.json\n"
    "  kernelgate run --op mel --audio speech.wav --benchmark_filter=whisper80";

}  // namespace

CLI::Validator gpu_number() {
  return CLI::Validator(
      [](const std::string& text) {
        int number = 0;
        const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
        const bool right = failed == std::errc() && end == text.data() + text.size() && number >= 0;
        return right ? std::string() : fmt::format("'{}' is no GPU's number; write 0, 1, ...; one GPU a run", text);
      },
      "");
}

void declare(CLI::App& app, RunArguments& a) {
  app.add_option("--suite", a.suite,
                 "smoke, default, full, digital-human; without it: default on a GPU, smoke on the CPU");
  app.add_option("--op", a.ops, "only this op (matmul, conv2d, mel, pipeline); may be repeated");
  app.add_option("--implementation", a.implementations, "only these, as `kernelgate list` names them: A,B")
      ->delimiter(',');
  app.add_option("--device", a.device, "auto: the GPU, or loudly the CPU where there is none; cuda; cpu")
      ->check(CLI::IsMember({"auto", "cuda", "cpu"}))
      ->capture_default_str();
  app.add_option("--gpu", a.gpu, "which GPU, as CUDA counts; one")->check(gpu_number())->capture_default_str();
  app.add_option("--runs", a.runs, "repeat in so many fresh processes, the unit that comparisons count (5)")
      ->check(CLI::Range(1, 1000));
  app.add_option("--audio", a.audio, "recordings (WAV, FLAC) for mel, beside its synthetic problems");
  app.add_option("--kernel", a.kernels, kernel_help);
  app.add_option("--out", a.out, "where the result document goes (a new file: results/DEVICE-GPU-TIME.json)");
  app.add_option("--base", a.base, "compare with this result or baseline instead of the stored baseline");
  app.add_option(
      "--baselines", a.baselines,
      fmt::format("folder of the stored baselines (KERNELGATE_BASELINES, or beside the program);\n{}", state_help));
  app.add_option("--against", a.against,
                 "an archived build (program, build folder or unpacked bundle; 'baseline': the one that it names):\n"
                 "suspects are measured again, the old and the new build by turns, and that decides");
  app.add_option("--require", a.require, "refuse another environment: 'driver>=580.65.06,vram>=16GiB,cc>=8.0'");
  app.add_option("--threshold", a.threshold,
                 fmt::format("practical threshold, {}; smaller changes count as none", share_unit))
      ->capture_default_str();
  app.add_option("--vary", a.vary, "an identity field that may differ from the baseline: driver");
  app.add_flag("--strict", a.strict, "exit 4 when a case is inconclusive or the baseline expired");
  app.add_option("--report", a.report, "form of the report on stdout: " + report_formats().names())
      ->capture_default_str();
  declare_report_files(app, a.files);
  app.add_flag("--json", a.json, "print the result document, with the verdicts, on stdout instead of a report");
  app.add_option("--seed", a.seed, "of the order of cases, and of where tensors begin")->capture_default_str();
  app.add_option("--input-seed", a.input_seed,
                 "of the inputs, to repeat a run; drawn anew by each process otherwise, so that nothing can be known\n"
                 "beforehand. The result records it")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 48));
  app.add_option("--worker-run", a.worker_run)->group("");
  app.add_option("--worker-out", a.worker_out)->group("");
  app.allow_extras();
  app.footer(footer);
}

std::vector<std::string> worker_command(const RunArguments& a, int run,
                                        const std::vector<std::filesystem::path>& places) {
  std::vector<std::string> words{"run",
                                 "--worker-run",
                                 std::to_string(run),
                                 "--device",
                                 a.device,
                                 "--gpu",
                                 std::to_string(a.gpu),
                                 "--suite",
                                 a.suite,
                                 "--runs",
                                 std::to_string(a.runs),
                                 "--seed",
                                 std::to_string(a.seed)};
  for (const auto& place : places) words.insert(words.end(), {"--worker-out", place.string()});
  if (a.input_seed) words.insert(words.end(), {"--input-seed", std::to_string(*a.input_seed)});
  for (const auto& op : a.ops) words.insert(words.end(), {"--op", op});
  for (const auto& name : a.implementations) words.insert(words.end(), {"--implementation", name});
  for (const auto& path : a.audio) words.insert(words.end(), {"--audio", path.string()});
  for (const auto& path : a.kernels) words.insert(words.end(), {"--kernel", path.string()});
  words.insert(words.end(), a.benchmark_flags.begin(), a.benchmark_flags.end());
  return words;
}

}  // namespace kernelgate
