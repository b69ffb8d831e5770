// kernelgate cold-start: how long a fresh process takes until its first frame, step by step.

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <filesystem>
#include <memory>

#include "bench/commands/command.h"
#include "bench/commands/run_arguments.h"
#include "bench/digital_human/cold_start.h"
#include "bench/run/choose_device.h"
#include "harness/base/atomic_file.h"

namespace kernelgate {
namespace {

struct ColdStartArguments {
  std::string device = "auto";
  ColdStartQuestion question;
  bool json = false;
  std::int64_t worker_since = 0;
  std::filesystem::path worker_out;  ///< of the fresh process; empty: this one starts it
};

constexpr const char* cold_start_footer =
    "Starts a fresh process and times what it does until the digital-human network (op pipeline) has made its first\n"
    "frame: on a GPU driver, context, first kernel, weights over the bus (pageable, pinned), graph; on the CPU\n"
    "primitives and packing. Then the same launch again, warm. `kernelgate run --suite digital-human` has it, too.\n\n"
    "Examples:\n"
    "  kernelgate cold-start\n"
    "  kernelgate cold-start --device cuda --frames 16 --json";

ExitCode cold_start(ColdStartArguments a) {
  ColdStartQuestion& question = a.question;
  if (!a.worker_out.empty()) {
    question.device = a.device == "cuda" ? DeviceKind::cuda : DeviceKind::cpu;
    replace_file(a.worker_out, to_text(cold_start_here(question, a.worker_since)));
    return ExitCode::good;
  }
  if (a.device == "cpu")
    question.device = DeviceKind::cpu;
  else
    question.device = choose_device(a.device, question.gpu, check_environment(question.gpu)).device.kind;
  const ColdStart start = cold_start_in_child(question);
  fmt::print("{}", a.json ? to_text(start) + "\n" : show(start));
  return start.trouble.empty() ? ExitCode::good : ExitCode::invalid;
}

std::function<ExitCode()> add_cold_start(CLI::App& app) {
  const auto a = std::make_shared<ColdStartArguments>();
  app.add_option("--device", a->device, "auto: the GPU, or loudly the CPU where there is none; cuda; cpu")
      ->check(CLI::IsMember({"auto", "cuda", "cpu"}))
      ->capture_default_str();
  app.add_option("--gpu", a->question.gpu, "which GPU, as CUDA counts; one")
      ->check(gpu_number())
      ->capture_default_str();
  app.add_option("--frames", a->question.frames, "so many at a time")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1024}))
      ->capture_default_str();
  app.add_option("--levels", a->question.levels, "halvings of the picture: 5 is 96 x 96, each more doubles its side")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{11}))
      ->capture_default_str();
  app.add_option("--warm-launches", a->question.warm_launches, "launches behind the first, whose median is said")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_flag("--json", a->json, "print the steps as JSON instead of a table");
  app.add_option("--worker-since", a->worker_since)->group("");
  app.add_option("--worker-out", a->worker_out)->group("");
  app.footer(cold_start_footer);
  return [a] { return cold_start(*a); };
}

const RegisterCommand registered_cold_start{
    {"cold-start", "How long a fresh process takes until its first frame, step by step", add_cold_start}};

}  // namespace
}  // namespace kernelgate
