#include "kernels/op/verify.h"

#include <algorithm>

#include "kernels/op/random.h"

namespace kernelgate {
namespace {

/// How far into their allocations tensors may begin: 64 places, 16 KiB. Four pages: where caches and memory channels
/// are chosen by the low bits of an address, that reaches all of them.
constexpr std::size_t places = 64, place_bytes = 256;  // a place is as aligned as cudaMalloc's memory

}  // namespace

Proof::Proof(std::shared_ptr<const AnyProblem> problem, const Device& device, const Options& options)
    : problem_(std::move(problem)),
      device_(device),
      options_(options),
      random_(options.seed + 1),
      inputs_(*problem_, options.seed) {
  Random layout(options_.layout_seed);
  for (std::size_t i = 0; i <= inputs_.count(); ++i) {
    const TensorSpec spec = i < inputs_.count() ? inputs_.spec(i) : problem_->output();
    const std::size_t place = options_.layout_seed == 0 ? 0 : place_bytes * layout.below(places);
    const bool shifted = options_.misalign_tensor < 0 || static_cast<std::size_t>(options_.misalign_tensor) == i;
    const std::size_t shift = shifted ? options_.misalign_elements * size_of(spec.type) : 0;
    tensors_.emplace_back(device_, bytes_of(spec), place + shift);
    pointers_.push_back(tensors_.back().data());
  }
  upload_inputs();
}

void Proof::upload_inputs() {
  for (std::size_t i = 0; i < inputs_.count(); ++i) tensors_[i].upload(inputs_.bytes(i));
}

Launch Proof::prepare(const AnyProblem::Candidate& candidate) {
  Inputs others = inputs_;
  others.renew();
  for (std::size_t i = 0; i < others.count(); ++i) tensors_[i].upload(others.bytes(i));
  Launch launch = problem_->prepare(candidate, device_, pointers_);
  synchronize(device_);  // it may have enqueued a packing of weights
  upload_inputs();
  return launch;
}

std::vector<Expected> Proof::reference(std::span<const std::int64_t> indices) {
  std::vector<Expected> expected(indices.size());
  std::vector<void*> on_host = inputs_.pointers();
  on_host.push_back(nullptr);
  problem_->reference(on_host, indices, expected);
  return expected;
}

std::string Proof::spoilt_input() const {
  for (std::size_t i = 0; i < inputs_.count(); ++i)
    if (!tensors_[i].guards_intact() || tensors_[i].download() != inputs_.bytes(i)) return inputs_.spec(i).name;
  return "";
}

Verification Proof::judge(std::span<const std::byte> bytes) {
  Verification found = compare(problem_->output(), bytes, indices_, expected_);
  found.guards_intact = output().guards_intact();
  found.spoilt_input = spoilt_input();
  // The next implementation is not to be blamed for it.
  if (!found.spoilt_input.empty()) {
    for (std::size_t i = 0; i < inputs_.count(); ++i) tensors_[i].poison();
    upload_inputs();
  }
  found.right = found.right && found.guards_intact && found.spoilt_input.empty();
  return found;
}

Verification Proof::verify(const Launch& launch, const std::function<void(const GuardedTensor&)>& corrupt) {
  output().poison();
  launch(nullptr);
  synchronize(device_);
  if (corrupt) corrupt(output());
  if (indices_.empty()) {
    indices_ = problem_->check_indices(options_.flop_budget, random_.bits());
    expected_ = reference(indices_);
  }
  return judge(output().download());
}

Proof::Repetition Proof::repeat(const Launch& launch, int times) {
  const std::vector<std::byte> first = output().download();
  for (int i = 0; i < times; ++i) {
    output().poison();
    launch(nullptr);
    synchronize(device_);
    const std::vector<std::byte> now = output().download();
    if (now != first) return {false, check(now, differences(problem_->output(), now, first, 0))};
  }
  return {};
}

std::vector<std::int64_t> Proof::disagreements(std::span<const std::byte> one, std::span<const std::byte> other) const {
  double widest = 0;
  for (const Expected& e : expected_) widest = std::max(widest, e.bound);
  return differences(problem_->output(), one, other, 2 * widest);
}

Verification Proof::check(std::span<const std::byte> bytes, std::span<const std::int64_t> indices) {
  constexpr std::size_t most = 1000;
  const std::size_t count = std::min(indices.size(), most);
  std::vector<std::int64_t> at;
  for (std::size_t i = 0; i < count; ++i) at.push_back(indices[i * indices.size() / count]);
  return compare(problem_->output(), bytes, at, reference(at));
}

void Proof::restore(double flop_budget) {
  options_.flop_budget = flop_budget;
  upload_inputs();
}

void Proof::stage_inputs(bool new_inputs) {
  if (new_inputs) {
    inputs_.renew();
    indices_.clear();
  }
  for (std::size_t i = 0; i < inputs_.count(); ++i) {
    if (staged_.size() <= i) staged_.emplace_back(device_, inputs_.bytes(i).size());
    staged_[i].upload(0, inputs_.bytes(i));
  }
  // Not in `take_output`: an allocation waits for the device.
  if (taken_.size() != output().size()) taken_ = Memory(device_, output().size());
}

void Proof::put_inputs(Stream stream) {
  for (std::size_t i = 0; i < staged_.size(); ++i)
    if (!inputs_.spec(i).constant) tensors_[i].copy_from(staged_[i], stream);
}

void Proof::take_output(Stream stream) { output().copy_to(taken_, stream); }

Verification Proof::verify_taken(std::size_t outputs) {
  taken_on_host_.resize(taken_.size());
  taken_.download(0, taken_on_host_);
  indices_ = problem_->check_indices(0, random_.bits());
  // A run of them is near a place that was drawn, and cheaper where outputs share work.
  if (indices_.size() > outputs) {
    indices_.erase(indices_.begin(),
                   indices_.begin() + static_cast<std::ptrdiff_t>(random_.below(indices_.size() - outputs + 1)));
    indices_.resize(outputs);
  }
  expected_ = reference(indices_);
  return judge(taken_on_host_);
}

}  // namespace kernelgate
