// What a description makes of a problem's sizes: the shape of the launch and its parameters.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "bench/user/kernel_description.h"
#include "kernels/op/error.h"
#include "kernels/simt/shape.h"

namespace kernelgate {
namespace {

using Kind = KernelArgument::Kind;

constexpr std::int64_t most_x = (std::int64_t{1} << 31) - 1, most_yz = 65535;
constexpr std::int64_t most_threads = 1024, most_threads_z = 64, most_cluster = 16;
constexpr std::int64_t most_scratch = std::int64_t{1} << 36;

[[noreturn]] void decline(const std::string& why) { throw Unsupported(why); }

std::int64_t value_of(const Expression& expression, const Sizes& sizes, const char* what) {
  try {
    return whole_value(expression, sizes);
  } catch (const Error& error) {
    decline(fmt::format("{}: {}", what, error.what()));
  }
}

simt::Dim3 shape(const std::vector<Expression>& formulas, const Sizes& sizes, const char* what, std::int64_t x,
                 std::int64_t y, std::int64_t z) {
  const std::int64_t most[] = {x, y, z};
  simt::Dim3 found;
  unsigned* const to[] = {&found.x, &found.y, &found.z};
  for (std::size_t i = 0; i < formulas.size(); ++i) {
    const std::int64_t value = value_of(formulas[i], sizes, what);
    if (value < 1 || value > most[i])
      decline(
          fmt::format("{} is {} in {} ('{}'); it must be 1 to {}", what, value, "xyz"[i], formulas[i].text(), most[i]));
    *to[i] = static_cast<unsigned>(value);
  }
  return found;
}

/// The bits of a number as a parameter of its type.
std::uint64_t bits_of(const KernelArgument& argument, const Sizes& sizes, std::size_t number) {
  const std::string what = fmt::format("argument {}", number + 1);
  if (argument.kind == Kind::f32 || argument.kind == Kind::f64) {
    double value = 0;
    try {
      value = BoundExpression(*argument.value, sizes).real();
    } catch (const Error& error) {
      decline(fmt::format("{}: {}", what, error.what()));
    }
    if (argument.kind == Kind::f64) return std::bit_cast<std::uint64_t>(value);
    if (std::isfinite(value) && std::abs(value) > std::numeric_limits<float>::max())
      decline(fmt::format("{}: '{}' is {:g}, which f32 can't hold", what, argument.value->text(), value));
    return std::bit_cast<std::uint32_t>(static_cast<float>(value));
  }
  const std::int64_t value = value_of(*argument.value, sizes, what.c_str());
  const bool narrow = argument.kind == Kind::i32 || argument.kind == Kind::u32;
  const bool is_signed = argument.kind == Kind::i32 || argument.kind == Kind::i64;
  const std::int64_t least = !is_signed ? 0
                             : narrow   ? std::numeric_limits<std::int32_t>::min()
                                        : std::numeric_limits<std::int64_t>::min();
  const std::int64_t most = !narrow     ? std::numeric_limits<std::int64_t>::max()
                            : is_signed ? std::numeric_limits<std::int32_t>::max()
                                        : std::numeric_limits<std::uint32_t>::max();
  if (value < least || value > most)
    decline(fmt::format("{}: '{}' is {}, which {}{} can't hold", what, argument.value->text(), value,
                        is_signed ? "i" : "u", narrow ? 32 : 64));
  return static_cast<std::uint64_t>(value);
}

}  // namespace

std::vector<std::size_t> KernelDescription::scratch_bytes(const Sizes& problem) const {
  std::vector<std::size_t> all;
  for (const KernelArgument& argument : arguments) {
    if (argument.kind != Kind::scratch) continue;
    const std::int64_t bytes = value_of(*argument.value, problem, "scratch");
    if (bytes < 0 || bytes > most_scratch)
      decline(
          fmt::format("scratch is {} bytes ('{}'); it must be 0 to {}", bytes, argument.value->text(), most_scratch));
    all.push_back(static_cast<std::size_t>(bytes));
  }
  return all;
}

DriverLaunch KernelDescription::launch(const Sizes& problem, const std::map<std::string, void*>& tensors) const {
  DriverLaunch made;
  made.grid = shape(grid, problem, "grid", most_x, most_yz, most_yz);
  made.block = shape(block, problem, "block", most_threads, most_threads, most_threads_z);
  made.cluster = shape(cluster, problem, "cluster", most_cluster, most_cluster, most_cluster);
  if (made.block.count() > most_threads)
    decline(fmt::format("block has {} threads; at most {} are possible", made.block.count(), most_threads));
  if (made.cluster.count() > most_cluster)
    decline(fmt::format("cluster has {} blocks; at most {} are possible", made.cluster.count(), most_cluster));
  if (made.grid.x % made.cluster.x != 0 || made.grid.y % made.cluster.y != 0 || made.grid.z % made.cluster.z != 0)
    decline("the cluster does not divide the grid");
  const std::int64_t shared = shared_bytes ? value_of(*shared_bytes, problem, "shared_bytes") : 0;
  if (shared < 0 || shared > static_cast<std::int64_t>(simt::max_shared_bytes))
    decline(fmt::format("shared_bytes is {}; it must be 0 to {}", shared, simt::max_shared_bytes));
  made.shared_bytes = static_cast<unsigned>(shared);
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const KernelArgument& argument = arguments[i];
    if (argument.kind == Kind::scratch) {
      made.parameters.push_back(0);  // where it is only who allocates it knows
    } else if (argument.kind == Kind::tensor) {
      const auto found = tensors.find(argument.tensor);
      if (found == tensors.end()) decline(fmt::format("the problem has no tensor '{}'", argument.tensor));
      made.parameters.push_back(reinterpret_cast<std::uintptr_t>(found->second));
    } else {
      made.parameters.push_back(bits_of(argument, problem, i));
    }
  }
  return made;
}

Support KernelDescription::supports(const Device& device, const Sizes& problem,
                                    const std::vector<std::string>& tensors) const {
  if (device.kind == DeviceKind::cuda && device.compute_capability > 0)
    if (std::string why = image.why_not_on(device.compute_capability); !why.empty()) return Support::no(why);
  std::map<std::string, void*> nowhere;
  for (const std::string& one : tensors) nowhere[one] = nullptr;
  try {
    if (where && value_of(*where, problem, "where") == 0)
      return Support::no(fmt::format("its description says only where {}", where->text()));
    const DriverLaunch made = launch(problem, nowhere);
    scratch_bytes(problem);
    if (device.shared_bytes_per_block > 0 && made.shared_bytes > device.shared_bytes_per_block)
      return Support::no(fmt::format("needs {} bytes of shared memory, and this GPU has {}", made.shared_bytes,
                                     device.shared_bytes_per_block));
    if (device.compute_capability > 0 && device.compute_capability < 90 && made.cluster.count() > 1)
      return Support::no("needs compute capability 9.0, for its cluster");
  } catch (const Unsupported& why) {
    return Support::no(why.what());
  }
  return {};
}

}  // namespace kernelgate
