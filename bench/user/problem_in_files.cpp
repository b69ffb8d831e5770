#include "bench/user/problem_in_files.h"

#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

#include "harness/base/error.h"
#include "harness/base/printable.h"
#include "kernels/op/random.h"
#include "kernels/op/verification.h"
#include "kernels/user/expression.h"

namespace kernelgate {
namespace {

std::string read_values(const std::string& file, std::size_t bytes, std::size_t or_bytes) {
  const auto refuse = [&](const std::string& why) {
    throw HarnessError(ExitCode::usage, fmt::format("{}: {}", printable(file, 200), why));
  };
  std::error_code failed;
  if (!std::filesystem::is_regular_file(file, failed)) refuse("there is no such file of values");
  const auto size = std::filesystem::file_size(file, failed);
  if (failed) refuse("can't be read");
  if (size != bytes && size != or_bytes)
    refuse(fmt::format("has {} bytes, and the tensor {}{}; write its raw elements, and no header", size, bytes,
                       or_bytes == bytes ? "" : fmt::format(" (as f64: {})", or_bytes)));
  std::string content(static_cast<std::size_t>(size), '\0');
  std::ifstream in(file, std::ios::binary);
  if (!in.read(content.data(), static_cast<std::streamsize>(size)) && size > 0) refuse("can't be read");
  return content;
}

}  // namespace

ProblemInFiles::ProblemInFiles(std::shared_ptr<const AnyProblem> base, const std::vector<TensorFiles>& sets,
                               double relative, double absolute)
    : ForwardingProblem(std::move(base)), relative_(relative), absolute_(absolute) {
  const TensorSpec output = base_->output();
  const auto count = static_cast<std::size_t>(output.count);
  for (const TensorFiles& files : sets) {
    Set set;
    for (const TensorSpec& spec : base_->inputs())
      set.inputs.push_back(read_values(files.at(spec.name), bytes_of(spec), bytes_of(spec)));
    const std::string bytes = read_values(files.at(output.name), bytes_of(output), count * sizeof(double));
    const bool doubles = bytes.size() != bytes_of(output);
    const TensorView view{bytes.data(), output.type, {output.count}};
    for (std::size_t i = 0; i < count; ++i) {
      double value = 0;
      if (doubles)
        std::memcpy(&value, bytes.data() + i * sizeof value, sizeof value);
      else
        value = view.at(static_cast<std::int64_t>(i));
      set.output.push_back(value);
    }
    for (const Set& other : sets_)
      if (other.inputs == set.inputs)
        throw HarnessError(ExitCode::usage, fmt::format("{}: two sets have the same inputs; each must have its own",
                                                        printable(files.at(output.name), 200)));
    sets_.push_back(std::move(set));
  }
}

std::vector<TensorSpec> ProblemInFiles::inputs() const {
  std::vector<TensorSpec> all = base_->inputs();
  if (sets_.size() == 1)
    for (TensorSpec& spec : all) spec.constant = true;
  return all;
}

void ProblemInFiles::put(std::size_t set, std::span<void* const> inputs) const {
  for (std::size_t i = 0; i < sets_[set].inputs.size(); ++i)
    if (const std::string& bytes = sets_[set].inputs[i]; !bytes.empty())
      std::memcpy(inputs[i], bytes.data(), bytes.size());
}

void ProblemInFiles::fill(std::uint64_t seed, std::span<void* const> inputs) const {
  put(Random(seed).below(sets_.size()), inputs);
}

std::size_t ProblemInFiles::set_at(std::span<void* const> inputs) const {
  for (std::size_t set = 0; set < sets_.size(); ++set) {
    bool same = true;
    for (std::size_t i = 0; i < sets_[set].inputs.size() && same; ++i) {
      const std::string& bytes = sets_[set].inputs[i];
      same = bytes.empty() || std::memcmp(inputs[i], bytes.data(), bytes.size()) == 0;
    }
    if (same) return set;
  }
  throw Error("inputs that are of no set");
}

bool ProblemInFiles::refill(std::uint64_t seed, std::span<void* const> inputs) const {
  // Another than that in place.
  if (sets_.size() > 1) put((set_at(inputs) + 1 + Random(seed).below(sets_.size() - 1)) % sets_.size(), inputs);
  return true;
}

void ProblemInFiles::reference(std::span<void* const> pointers, std::span<const std::int64_t> indices,
                               std::span<Expected> expected) const {
  const Set& set = sets_[set_at(pointers)];
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const double value = set.output[static_cast<std::size_t>(indices[i])];
    expected[i] = {value, absolute_ + relative_ * std::abs(value)};
  }
}

std::vector<std::int64_t> ProblemInFiles::check_indices(double flop_budget, std::uint64_t seed) const {
  const TensorSpec spec = base_->output();
  // All are known, unless few are enough.
  if (flop_budget <= 0) return base_->check_indices(flop_budget, seed);
  return sample_indices(spec.count, spec.columns > 0 ? spec.columns : spec.count, 10'000'000, seed);
}

}  // namespace kernelgate
