#include "kernels/op/verify.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/op/f16.h"
#include "kernels/op/random.h"

namespace kernelgate {
namespace {

std::size_t bytes_of(const TensorSpec& spec) { return static_cast<std::size_t>(spec.count) * size_of(spec.type); }

template <class T>
T element(const std::vector<std::byte>& bytes, std::int64_t index) {
  T value;
  std::memcpy(&value, bytes.data() + static_cast<std::size_t>(index) * sizeof(T), sizeof(T));
  return value;
}

double value_at(const std::vector<std::byte>& bytes, Type type, std::int64_t index) {
  return type == Type::f16 ? to_float(element<f16>(bytes, index)) : element<float>(bytes, index);
}

/// Poison is a NaN that no computation makes: all bits set.
std::int64_t count_poison(const std::vector<std::byte>& bytes, const TensorSpec& spec) {
  std::int64_t found = 0;
  for (std::int64_t i = 0; i < spec.count; ++i)
    found += spec.type == Type::f16 ? element<std::uint16_t>(bytes, i) == 0xffffu
                                    : element<std::uint32_t>(bytes, i) == 0xffffffffu;
  return found;
}

/// How far into their allocations tensors may begin: 64 places, 16 KiB. Four pages: where caches and memory channels
/// are chosen by the low bits of an address, that reaches all of them.
constexpr std::size_t places = 64, place_bytes = 256;  // a place is as aligned as cudaMalloc's memory

/// How far off, in bounds: at most 1 is right. NaN is right only where NaN is expected, and an
/// infinity only where the same infinity is.
double error_ratio(double got, const Expected& expected) {
  if (std::isnan(expected.value)) return std::isnan(got) ? 0 : INFINITY;
  if (got == expected.value) return 0;
  if (!std::isfinite(got)) return INFINITY;
  return std::abs(got - expected.value) / expected.bound;
}

}  // namespace

std::string Verification::describe() const {
  const auto number = [](double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.6g", value);
    return std::string(text);
  };
  if (right)
    return "right: " + std::to_string(checked) + " of " + std::to_string(outputs) + " outputs compared, worst error " +
           number(max_error_ratio) + " of the bound";
  std::string text = "wrong:";
  if (!guards_intact) text += " wrote outside its output;";
  if (unwritten > 0)
    text += " left " + std::to_string(unwritten) + " of " + std::to_string(outputs) + " outputs unwritten;";
  if (wrong > 0)
    text += " " + std::to_string(wrong) + " of " + std::to_string(checked) +
            " outputs compared are off; worst at index " + std::to_string(worst_index) + ": got " + number(worst_got) +
            ", expected " + number(worst_expected) + ", " + number(max_error_ratio) + " times the bound;";
  text.pop_back();
  return text;
}

Proof::Proof(std::shared_ptr<const AnyProblem> problem, const Device& device, const Options& options)
    : problem_(std::move(problem)), device_(device), options_(options) {
  auto specs = problem_->inputs();
  std::vector<void*> on_host;
  for (const auto& spec : specs) {
    host_inputs_.emplace_back(bytes_of(spec));
    on_host.push_back(spec.count == 0 ? nullptr : host_inputs_.back().data());
  }
  problem_->fill(options_.seed, on_host);
  specs.push_back(problem_->output());
  Random layout(options_.layout_seed);
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const std::size_t place = options_.layout_seed == 0 ? 0 : place_bytes * layout.below(places);
    const bool shifted = options_.misalign_tensor < 0 || static_cast<std::size_t>(options_.misalign_tensor) == i;
    const std::size_t shift = shifted ? options_.misalign_elements * size_of(specs[i].type) : 0;
    tensors_.emplace_back(device_, bytes_of(specs[i]), place + shift);
    if (i < host_inputs_.size()) tensors_.back().upload(host_inputs_[i]);
    pointers_.push_back(tensors_.back().data());
  }
}

Launch Proof::prepare(const AnyProblem::Candidate& candidate) const {
  return problem_->prepare(candidate, device_, pointers_);
}

Verification Proof::verify(const Launch& launch, const std::function<void(const GuardedTensor&)>& corrupt) {
  output().poison();
  launch(nullptr);
  synchronize(device_);
  if (corrupt) corrupt(output());

  if (indices_.empty()) {
    indices_ = problem_->check_indices(options_.flop_budget);
    expected_.resize(indices_.size());
    std::vector<void*> on_host;
    for (auto& bytes : host_inputs_) on_host.push_back(bytes.empty() ? nullptr : bytes.data());
    on_host.push_back(nullptr);
    problem_->reference(on_host, indices_, expected_);
  }

  const TensorSpec spec = problem_->output();
  const std::vector<std::byte> bytes = output().download();
  Verification found;
  found.outputs = spec.count;
  found.checked = static_cast<std::int64_t>(indices_.size());
  found.unwritten = count_poison(bytes, spec);
  found.guards_intact = output().guards_intact();
  for (std::size_t i = 0; i < indices_.size(); ++i) {
    const double got = value_at(bytes, spec.type, indices_[i]);
    const double ratio = error_ratio(got, expected_[i]);
    if (std::isfinite(got) && std::isfinite(expected_[i].value))
      found.max_error = std::max(found.max_error, std::abs(got - expected_[i].value));
    if (!(ratio <= 1)) ++found.wrong;
    if (found.worst_index < 0 || ratio > found.max_error_ratio) {
      found.max_error_ratio = ratio;
      found.worst_index = indices_[i];
      found.worst_got = got;
      found.worst_expected = expected_[i].value;
    }
  }
  found.right = found.wrong == 0 && found.unwritten == 0 && found.guards_intact;
  return found;
}

}  // namespace kernelgate
