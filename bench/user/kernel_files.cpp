#include "bench/user/kernel_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string_view>

#include "bench/user/described_problem.h"
#include "harness/base/error.h"
#include "harness/base/printable.h"
#include "kernels/op/any_op.h"

namespace kernelgate {
namespace {

/// `*` stands for any text, also for none.
bool fits(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p, ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::string shape_text(const simt::Dim3& shape) { return fmt::format("{}x{}x{}", shape.x, shape.y, shape.z); }

std::string note(const KernelDescription& kernel, const AnyProblem& problem) {
  std::vector<std::string> names;
  std::map<std::string, void*> nowhere;
  for (const TensorSpec& spec : problem.inputs()) names.push_back(spec.name);
  names.push_back(problem.output().name);
  for (const std::string& name : names) nowhere[name] = nullptr;
  const std::string what = fmt::format("{}/{}/{}", problem.op(), problem.name(), kernel.name);
  if (const Support support = kernel.supports({}, problem.sizes(), names); !support)
    return fmt::format("{}: not run: {}", what, support.reason);
  const DriverLaunch launch = kernel.launch(problem.sizes(), nowhere);
  return fmt::format("{}: grid {}, block {}{}, {} bytes of dynamic shared memory, {} parameters", what,
                     shape_text(launch.grid), shape_text(launch.block),
                     launch.cluster.count() > 1 ? ", cluster " + shape_text(launch.cluster) : "", launch.shared_bytes,
                     launch.parameters.size());
}

class KernelAdder {
 public:
  void add(const std::string& file) {
    const auto kernel = std::make_shared<const KernelDescription>(read_kernel_description(file, own_ops_));
    expect_new(*kernel);
    if (kernel->own_op)
      add_own(kernel);
    else
      add_to_known(kernel);
  }

  void drop_others() const {
    replace_problems([&](const std::shared_ptr<const AnyProblem>& problem) {
      return touched_.contains(problem->op() + "/" + problem->name()) ? problem : nullptr;
    });
  }

  std::vector<std::string> notes;

 private:
  void expect_new(const KernelDescription& kernel) {
    for (const auto& problem : all_problems())
      for (const auto& other : problem->implementations())
        if (problem->op() == kernel.op && other.device == DeviceKind::cuda && other.name == kernel.name)
          throw HarnessError(ExitCode::usage,
                             fmt::format("{}, field \"name\": {} has a kernel '{}' already; name yours otherwise",
                                         printable(kernel.file, 120), kernel.op, kernel.name));
  }

  void take(const AnyProblem& problem, const KernelDescription& kernel) {
    touched_.insert(problem.op() + "/" + problem.name());
    notes.push_back(note(kernel, problem));
  }

  void add_own(const std::shared_ptr<const KernelDescription>& kernel) {
    own_ops_.insert(kernel->op);
    for (std::size_t i = 0; const auto& problem : own_problems(*kernel)) {
      const std::string name = problem->op() + "/" + problem->name();
      const std::string text = kernel->op_text + kernel->problem_texts[i];
      const auto [before, fresh] = own_problems_.try_emplace(name, Own{text, kernel->file});
      if (!fresh && (before->second.text != text || before->second.file == kernel->file))
        throw HarnessError(ExitCode::usage,
                           fmt::format("{}: problem {} is in {}, too{}", printable(kernel->file, 120), name,
                                       printable(before->second.file, 120),
                                       before->second.file == kernel->file
                                           ? "; leave one out"
                                           : ", with other tensors, files or another \"expected\"; make both alike"));
      if (kernel->files[i].size() == 1)
        notes.push_back(
            fmt::format("{}: problem {} has one set of files, so that its inputs can't change while it is "
                        "timed: a kernel that keeps what it computed is not caught; give two sets",
                        printable(kernel->file, 120), problem->name()));
      if (fresh)
        add_problem(std::make_shared<WithKernel>(problem, kernel, KernelPlace{}));
      else
        replace_problems([&](const std::shared_ptr<const AnyProblem>& other) -> std::shared_ptr<const AnyProblem> {
          if (other->op() != problem->op() || other->name() != problem->name()) return other;
          return std::make_shared<WithKernel>(other, kernel, KernelPlace{});
        });
      take(*problem, *kernel);
      ++i;
    }
  }

  void add_to_known(const std::shared_ptr<const KernelDescription>& kernel) {
    std::set<std::string> unused(kernel->problems.begin(), kernel->problems.end());
    replace_problems([&](const std::shared_ptr<const AnyProblem>& problem) -> std::shared_ptr<const AnyProblem> {
      if (problem->op() != kernel->op) return problem;
      bool wanted = false;
      for (const std::string& pattern : kernel->problems) {
        if (!fits(pattern, problem->name())) continue;
        wanted = true;
        unused.erase(pattern);
      }
      if (!wanted) return problem;
      take(*problem, *kernel);
      return std::make_shared<WithKernel>(problem, kernel, KernelPlace{});
    });
    if (!unused.empty())
      throw HarnessError(ExitCode::usage,
                         fmt::format("{}, field \"problems\": {} has no problem '{}'; see: kernelgate list --op {}",
                                     printable(kernel->file, 120), kernel->op, printable(*unused.begin()), kernel->op));
  }

  struct Own {
    std::string text, file;
  };
  std::set<std::string> touched_;
  std::set<std::string, std::less<>> own_ops_;
  std::map<std::string, Own> own_problems_;
};

}  // namespace

std::vector<std::string> add_kernels(const std::vector<std::filesystem::path>& files) {
  if (files.empty()) return {};
  KernelAdder adder;
  for (const auto& file : files) adder.add(file.string());
  adder.drop_others();
  return std::move(adder.notes);
}

void expect_gpu_for(const std::vector<std::filesystem::path>& files, const std::string& device) {
  if (files.empty() || device == "cuda") return;
  throw HarnessError(
      ExitCode::nothing,
      fmt::format("--kernel {}: it is machine code, which only a GPU runs, and there is none in use here; "
                  "what can be told without: kernelgate list --kernel {}",
                  printable(files.front().string(), 120), printable(files.front().string(), 120)));
}

}  // namespace kernelgate
