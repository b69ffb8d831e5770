#pragma once
// An op's table of kernels, and the implementation "ours" that goes by it: the first row that fits, and whose kernel
// supports the problem, takes it.

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string>
#include <string_view>

#include "kernels/op/op.h"

namespace kernelgate {

/// What each row of a table says. An op's own row has these, by these names, and `bool fits(const Problem&) const`.
///
///   std::string_view name;    unique; results carry it
///   std::string_view kernel;
///   int capability;           major * 10 + minor: the least, or the only one
///   bool alone;               code for this capability alone (sm_90a)
///   std::string_view reason;  the measurement or the prediction behind the row
template <class Row, class T>
concept DispatchRowOf = requires(const Row& row, const typename T::Problem& problem) {
  { row.name } -> std::convertible_to<std::string_view>;
  { row.kernel } -> std::convertible_to<std::string_view>;
  { row.reason } -> std::convertible_to<std::string_view>;
  { row.fits(problem) } -> std::same_as<bool>;
  row.capability < 0;
  !row.alone;
};

/// Types  Row: a DispatchRowOf<T>.
template <Op T, class Row>
requires DispatchRowOf<Row, T>
class Dispatch {
 public:
  using Problem = typename T::Problem;
  using Buffers = typename T::Buffers;

  /// `rows` live as long as the program.
  explicit constexpr Dispatch(std::span<const Row> rows) : rows_(rows) {}

  /// The row for a device, whose kernel says that it supports the problem. Null, and the kernels' own reasons in
  /// `why_not`: none.
  const Row* choose(const Device& device, const Problem& problem, std::string& why_not) const {
    return first_row(device, problem, why_not, [](const auto&) {});
  }

  Implementation<T> ours(DeviceKind kind) const {
    return {.name = "ours",
            .device = kind,
            .supports =
                [*this](const Device& device, const Problem& problem) {
                  std::string why_not;
                  return choose(device, problem, why_not) != nullptr ? Support{} : Support::no(why_not);
                },
            .prepare = [*this](const Device& device, const Problem& problem,
                               const Buffers& buffers) { return prepare(device, problem, buffers); },
            .choose =
                [*this](const Device& device, const Problem& problem) {
                  std::string why_not;
                  const Row* const row = choose(device, problem, why_not);
                  return row == nullptr
                             ? Choice{"", why_not}
                             : Choice{std::string(row->kernel), std::string(row->reason), std::string(row->name)};
                }};
  }

 private:
  static const Implementation<T>* find(DeviceKind kind, std::string_view name) {
    const auto& all = Implementations<T>::sorted();
    const auto found =
        std::ranges::find_if(all, [&](const auto& one) { return one.device == kind && one.name == name; });
    return found == all.end() ? nullptr : &*found;
  }

  /// Where pointers don't suit a row's kernel, the next row is taken.
  Launch prepare(const Device& device, const Problem& problem, const Buffers& buffers) const {
    std::string why_not;
    Launch launch;
    const auto prepares = [&](const Implementation<T>& kernel) { launch = kernel.prepare(device, problem, buffers); };
    if (first_row(device, problem, why_not, prepares) == nullptr) throw Unsupported(why_not);
    return launch;
  }

  /// Calls act(kernel) for each row that fits and whose kernel supports the problem, until it throws no Unsupported.
  template <class Act>
  const Row* first_row(const Device& device, const Problem& problem, std::string& why_not, Act act) const {
    why_not.clear();
    const auto add = [&](const Row& row, std::string_view reason) {
      if (why_not.find(row.kernel) == std::string::npos)
        why_not += fmt::format("{}{} {}", why_not.empty() ? "" : "; ", row.kernel, reason);
    };
    for (const Row& row : rows_) {
      const int capability = device.compute_capability;
      if (row.alone ? capability != row.capability : capability < row.capability) continue;
      if (!row.fits(problem)) continue;
      const Implementation<T>* const kernel = find(device.kind, row.kernel);
      if (kernel == nullptr) {
        add(row, "is not in this build");
        continue;
      }
      if (const Support support = kernel->supports(device, problem); !support) {
        add(row, support.reason);
        continue;
      }
      try {
        act(*kernel);
        return &row;
      } catch (const Unsupported& why) {
        add(row, why.what());
      }
    }
    if (why_not.empty()) why_not = "needs compute capability 7.5, for its Tensor Cores";
    return nullptr;
  }

  std::span<const Row> rows_;
};

}  // namespace kernelgate
