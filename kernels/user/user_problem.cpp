#include "kernels/user/user_problem.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

#include "kernels/op/bf16.h"
#include "kernels/op/f16.h"
#include "kernels/op/random.h"
#include "kernels/op/verification.h"

namespace kernelgate {
namespace {

constexpr std::size_t longest_name = 64;
constexpr std::int64_t most_elements = std::int64_t{1} << 40;

// A reference that a user wrote takes for one operation about as long as a plain loop for so many.
constexpr double slower = 100;

// Inputs, others to prepare with, what is staged, and a copy of the output.
constexpr double copies_on_the_host = 4;

void expect_name(const std::string& what, const std::string& name) {
  if (is_user_name(name)) return;
  throw InvalidProblem(what + " '" + name.substr(0, longest_name) +
                       "': a name is made of letters, digits and _, begins with a letter, and has at most 64 of them");
}

std::string name_of(const Sizes& sizes) {
  std::string text;
  for (const auto& [name, value] : sizes) text += (text.empty() ? "" : "/") + name + ":" + std::to_string(value);
  return text.empty() ? "one_size" : text;
}

void store(void* to, Type type, std::int64_t index, double value) {
  switch (type) {
    case Type::f16:
      static_cast<f16*>(to)[index] = to_f16(static_cast<float>(value));
      return;
    case Type::bf16:
      static_cast<bf16*>(to)[index] = to_bf16(static_cast<float>(value));
      return;
    case Type::i16:
      static_cast<std::int16_t*>(to)[index] = static_cast<std::int16_t>(value);
      return;
    case Type::f32:
      break;
  }
  static_cast<float*>(to)[index] = static_cast<float>(value);
}

/// A draw is 16 random bits: filling a gigabyte must not take minutes.
const std::vector<float>& normals() {
  static const std::vector<float> table = [] {
    std::vector<float> values(1 << 16);
    Random random(0x75736572);
    for (float& value : values) value = static_cast<float>(random.normal());
    return values;
  }();
  return table;
}

void fill_tensor(void* to, const UserTensor& tensor, std::int64_t count, Random random) {
  std::uint64_t bits = 0;
  const bool normal = tensor.low == 0 && tensor.high == 0;
  for (std::int64_t i = 0; i < count; ++i, bits >>= 16) {
    if (i % 4 == 0) bits = random.bits();
    const auto drawn = static_cast<std::size_t>(bits & 0xffff);
    const double share = (static_cast<double>(drawn) + 0.5) / 65536;
    const double all = tensor.type == Type::i16 ? static_cast<double>(drawn) - 32768 : normals()[drawn];
    store(to, tensor.type, i, normal ? all : tensor.low + share * (tensor.high - tensor.low));
  }
}

double physical_bytes() {
  return static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGE_SIZE));
}

}  // namespace

bool is_user_name(std::string_view name) {
  const auto plain = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  return !name.empty() && name.size() <= longest_name && std::isalpha(static_cast<unsigned char>(name.front())) != 0 &&
         std::ranges::all_of(name, plain);
}

UserProblem::UserProblem(std::shared_ptr<const UserOp> op, UserSizes sizes,
                         std::shared_ptr<const std::vector<UserKernel>> kernels)
    : op_(std::move(op)), sizes_(std::move(sizes)), kernels_(std::move(kernels)), name_(name_of(sizes_.sizes)) {
  expect_name("op", op_->name);
  const std::string where = op_->name + "/" + name_ + ": ";
  if (!op_->expected) throw InvalidProblem(where + "the op says nothing of what is right; give it `expected`");
  for (const auto& [name, value] : sizes_.sizes) {
    expect_name(where + "size", name);
    if (value < 0) throw InvalidProblem(where + "size " + name + " is " + std::to_string(value) + ", below 0");
  }
  std::vector<UserTensor> tensors = op_->inputs;
  tensors.push_back(op_->output);
  std::set<std::string> names;
  for (const UserTensor& tensor : tensors) {
    expect_name(where + "tensor", tensor.name);
    if (!names.insert(tensor.name).second) throw InvalidProblem(where + "two tensors are named " + tensor.name);
    if (tensor.shape.empty())
      throw InvalidProblem(where + "tensor " + tensor.name + " has no shape; {\"1\"} is one element");
    const double least = tensor.type == Type::i16 ? -32768 : -3e38, most = tensor.type == Type::i16 ? 32767 : 3e38;
    if (!(tensor.low >= least && tensor.low <= tensor.high && tensor.high <= most))
      throw InvalidProblem(where + "the values of " + tensor.name + ": low must not be above high, and " +
                           std::string(to_string(tensor.type)) + " must hold both");
    std::vector<std::int64_t> shape;
    std::int64_t count = 1;
    for (const std::string& dimension : tensor.shape) {
      try {
        shape.push_back(whole_value(Expression(dimension), sizes_.sizes));
      } catch (const Error& error) {
        throw InvalidProblem(where + "the shape of " + tensor.name + ": " + error.what());
      }
      if (shape.back() < 0)
        throw InvalidProblem(where + "the shape of " + tensor.name + ": '" + dimension + "' is " +
                             std::to_string(shape.back()) + ", below 0");
      if (__builtin_mul_overflow(count, shape.back(), &count) || count > most_elements)
        throw InvalidProblem(where + "tensor " + tensor.name + " has more than 2^40 elements");
    }
    TensorSpec spec{tensor.name, tensor.type, count, tensor.constant};
    if (shape.size() > 1) {
      spec.rows = shape[shape.size() - 2];
      spec.columns = shape.back();
    }
    work_.bytes += static_cast<double>(bytes_of(spec));
    specs_.push_back(std::move(spec));
    shapes_.push_back(std::move(shape));
  }
  if (specs_.back().type == Type::i16) throw InvalidProblem(where + "the output is i16; it must be f16, bf16 or f32");
  try {
    work_.flop = op_->flop.empty() ? static_cast<double>(specs_.back().count)
                                   : BoundExpression(Expression(op_->flop), sizes_.sizes).real();
  } catch (const Error& error) {
    throw InvalidProblem(where + "flop: " + error.what());
  }
  if (!(work_.flop >= 0 && work_.flop < 1e30))
    throw InvalidProblem(where + "flop: '" + op_->flop + "' is no number of operations");
}

void UserProblem::fill(std::uint64_t seed, std::span<void* const> inputs) const {
  Random seeds(seed);
  for (std::size_t i = 0; i + 1 < specs_.size(); ++i)
    fill_tensor(inputs[i], op_->inputs[i], specs_[i].count, Random(seeds.bits()));
}

std::vector<std::int64_t> UserProblem::check_indices(double flop_budget, std::uint64_t seed) const {
  const TensorSpec& spec = specs_.back();
  const double each = slower * std::max(1.0, work_.flop / std::max(1.0, static_cast<double>(spec.count)));
  const auto count = static_cast<std::int64_t>(std::clamp(flop_budget / each, 1024.0, 1e7));
  return sample_indices(spec.count, shapes_.back().back(), count, seed);
}

void UserProblem::reference(std::span<void* const> pointers, std::span<const std::int64_t> indices,
                            std::span<Expected> expected) const {
  std::map<std::string, TensorView> views;
  for (std::size_t i = 0; i + 1 < specs_.size(); ++i) views[specs_[i].name] = {pointers[i], specs_[i].type, shapes_[i]};
  const UserInputs inputs(sizes_.sizes, std::move(views));
  for (std::size_t i = 0; i < indices.size(); ++i) expected[i] = op_->expected(inputs, indices[i]);
}

std::vector<AnyProblem::Candidate> UserProblem::implementations() const {
  std::vector<Candidate> all;
  for (const UserKernel& kernel : *kernels_) all.push_back({kernel.name, kernel.origin, kernel.device, kernel.file});
  std::ranges::sort(all, {}, [](const Candidate& i) { return std::tuple(i.device, i.origin, i.name); });
  return all;
}

const UserKernel& UserProblem::find(const Candidate& candidate) const {
  for (const UserKernel& kernel : *kernels_)
    if (kernel.name == candidate.name && kernel.device == candidate.device) return kernel;
  throw Error(op_->name + ": no implementation named " + candidate.name);
}

Support UserProblem::supports(const Candidate& candidate, const Device& device) const {
  const double needed = copies_on_the_host * work_.bytes;
  if (const double there = physical_bytes(); needed > there)
    return Support::no("needs " + std::to_string(static_cast<std::int64_t>(needed * 1e-9)) +
                       " GB of the host's memory, and there are " +
                       std::to_string(static_cast<std::int64_t>(there * 1e-9)));
  const UserKernel& kernel = find(candidate);
  return kernel.supports ? kernel.supports(device, sizes_.sizes) : Support{};
}

Launch UserProblem::prepare(const Candidate& candidate, const Device& device, std::span<void* const> pointers) const {
  std::map<std::string, void*> tensors;
  for (std::size_t i = 0; i < specs_.size(); ++i) tensors[specs_[i].name] = pointers[i];
  Launch launch = find(candidate).prepare(UserCall{device, sizes_.sizes, tensors});
  if (!launch) throw Error(op_->name + "/" + candidate.name + ": prepare returned no launch");
  return launch;
}

}  // namespace kernelgate
