#include "bench/run/google_benchmark.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "harness/base/error.h"

namespace kernelgate {
namespace {

/// Google Benchmark appends how it was told to time ("/iterations:1/manual_time") to every name. Our
/// names are the same in every format, so that filters and comparisons of one fit the other.
template <class Base>
class PlainNames : public Base {
 public:
  using Base::Base;
  void ReportRuns(const std::vector<benchmark::BenchmarkReporter::Run>& runs) override {
    auto renamed = runs;
    for (auto& run : renamed) {
      run.run_name.iterations.clear();
      run.run_name.time_type.clear();
    }
    Base::ReportRuns(renamed);
  }
};

/// For when our own report is printed at the end.
class Quiet final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>&) override {}
};

/// `options`: what the console's has besides its text. Errors  HarnessError(usage): the flag has a format that there is
/// not; Google Benchmark would print its usage and exit with 0.
std::unique_ptr<benchmark::BenchmarkReporter> reporter_of(const char* flag, const std::string& format,
                                                          benchmark::ConsoleReporter::OutputOptions options) {
  if (format == "json") return std::make_unique<PlainNames<benchmark::JSONReporter>>();
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  if (format == "csv") return std::make_unique<PlainNames<benchmark::CSVReporter>>();
#pragma GCC diagnostic pop
  if (format == "console") return std::make_unique<PlainNames<benchmark::ConsoleReporter>>(options);
  throw HarnessError(ExitCode::usage, fmt::format("{}: '{}' is not console, json or csv", flag, format));
}

std::unique_ptr<benchmark::BenchmarkReporter> display_reporter(const BenchmarkFlags& flags) {
  if (flags.format.empty()) return std::make_unique<Quiet>();
  return reporter_of("--benchmark_format", flags.format, benchmark::ConsoleReporter::OO_Defaults);
}

/// Of --benchmark_out. Null where there is none, as Google Benchmark wants it.
std::unique_ptr<benchmark::BenchmarkReporter> file_reporter(const BenchmarkFlags& flags) {
  if (!flags.writes) return nullptr;
  return reporter_of("--benchmark_out_format", flags.out_format, benchmark::ConsoleReporter::OO_None);
}

void run_case(benchmark::State& state, Session& session, std::size_t index, const Case& one,
              const std::function<void(const Case&, const Session::Outcome&)>& done) {
  const Session::Outcome outcome = session.measure(index);
  if (outcome.status == CaseStatus::measured) {
    for (auto _ : state) state.SetIterationTime(outcome.median_s);
    const Work work = one.problem->work();
    state.counters["flop_per_second"] = work.flop / outcome.median_s;
    state.counters["bytes_per_second"] = work.bytes / outcome.median_s;
  } else {
    state.SkipWithError(outcome.reason.c_str());
  }
  done(one, outcome);
}

/// As Google Benchmark reads a flag of its own (IsTruthyFlagValue in its src/commandlineflags.cc).
bool is_true(std::string value) {
  std::ranges::transform(value, value.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (value.size() == 1)
    return std::isalnum(static_cast<unsigned char>(value[0])) != 0 && value != "0" && value != "f" && value != "n";
  return value != "false" && value != "no" && value != "off";
}

/// "0.5" or "0.5s".
double flag_seconds(const std::string& text) {
  char* end = nullptr;
  const double seconds = std::strtod(text.c_str(), &end);
  const std::string unit = end;
  if ((unit.empty() || unit == "s") && seconds > 0 && seconds < 1e6) return seconds;
  throw HarnessError(ExitCode::usage, fmt::format("--benchmark_min_time: '{}' is no time; write 0.5 or 0.5s", text));
}

/// Google Benchmark keeps its flags in variables of its own. Errors  HarnessError(usage): a flag that it lacks.
void initialize(const std::vector<std::string>& flags) {
  static char program[] = "kernelgate";  // it keeps the pointer
  std::vector<std::string> arguments;
  for (const std::string& flag : flags)
    // The cases were filtered when they were selected, by the same rule, and min_time is our sampling
    // loop's: Google Benchmark's own loop runs once.
    if (!flag.starts_with("--benchmark_filter") && !flag.starts_with("--benchmark_min_time")) arguments.push_back(flag);
  std::vector<char*> argv{program};
  for (std::string& argument : arguments) argv.push_back(argument.data());
  int argc = static_cast<int>(argv.size());
  argv.push_back(nullptr);
  benchmark::Initialize(&argc, argv.data());
  if (argc > 1) throw HarnessError(ExitCode::usage, fmt::format("Google Benchmark has no flag '{}'", argv[1]));
}

}  // namespace

BenchmarkFlags BenchmarkFlags::parse(const std::vector<std::string>& arguments) {
  BenchmarkFlags flags;
  flags.all = arguments;
  for (const std::string& argument : arguments) {
    if (!argument.starts_with("--benchmark_"))
      throw HarnessError(ExitCode::usage, fmt::format("'{}' is not understood; see: kernelgate run --help", argument));
    const auto value_of = [&](std::string_view flag, std::string& value) {
      if (!argument.starts_with(flag) || argument.size() <= flag.size() || argument[flag.size()] != '=') return false;
      value = argument.substr(flag.size() + 1);
      return true;
    };
    std::string value;
    if (value_of("--benchmark_filter", flags.filter) || value_of("--benchmark_format", flags.format) ||
        value_of("--benchmark_out_format", flags.out_format))
      continue;
    if (argument == "--benchmark_list_tests")
      flags.list = true;
    else if (value_of("--benchmark_list_tests", value))
      flags.list = is_true(value);
    if (value_of("--benchmark_out", value)) flags.writes = true;
    if (value_of("--benchmark_min_time", value)) flags.min_time_s = flag_seconds(value);
  }
  // What is wrong is said now, not by each process of the run.
  display_reporter(flags);
  file_reporter(flags);
  initialize(flags.all);
  return flags;
}

void run_benchmarks(Session& session, const std::vector<Case>& cases, const BenchmarkFlags& flags,
                    const std::function<void(const Case&, const Session::Outcome&)>& done) {
  for (std::size_t i : session.order())
    benchmark::RegisterBenchmark(
        cases[i].name.c_str(),
        [&session, &cases, &done, i](benchmark::State& state) { run_case(state, session, i, cases[i], done); })
        ->Iterations(1)
        ->UseManualTime();
  const auto display = display_reporter(flags), file = file_reporter(flags);
  benchmark::RunSpecifiedBenchmarks(display.get(), file.get(), "all");
  benchmark::ClearRegisteredBenchmarks();
}

}  // namespace kernelgate
