#pragma once
// The contract between an op, its implementations and the program, and the registry that joins them.
//
// An op is a struct (kernels/<op>/<op>.h) with the members that concept `Op` lists. An implementation
// is one way to compute it: a kernel of ours, or a peer library's. Each registers itself from its own
// file; the program finds it through the registry and never names it.

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "kernels/op/device.h"
#include "kernels/op/error.h"

namespace kernelgate {

enum class Origin { ours, peer };

/// What the algorithm needs, not what a kernel happens to move.
///
/// Units  flop: floating-point operations (a fused multiply-add counts 2); bytes: each tensor once.
struct Work {
  double flop = 0;
  double bytes = 0;
};

/// i16: only of inputs.
enum class Type { f16, f32, i16 };

constexpr std::size_t size_of(Type type) { return type == Type::f32 ? 4 : 2; }

/// One tensor of a problem, contiguous. `count` is in elements and may be 0.
struct TensorSpec {
  std::string name;
  Type type = Type::f16;
  std::int64_t count = 0;
  bool constant = false;  ///< an input that `prepare` may look at and pack, as the weights of a network
};

/// The trusted value of one output element, and how far an implementation may be from it.
struct Expected {
  double value = 0;
  double bound = 0;  ///< largest |got - value| allowed; has a source in the op's contract
};

/// Yes, or the reason why not, as a person would say it: "needs compute capability 9.0, this is 8.6".
struct Support {
  bool yes = true;
  std::string reason;

  static Support no(std::string why) { return {false, std::move(why)}; }
  explicit operator bool() const { return yes; }
};

/// Starts the timed work. Asynchronous on a stream; returns when done elsewhere.
using Launch = std::function<void(Stream)>;

/// What an op must say of itself.
///
/// `Problem`   one size, type and layout; value type.
/// `Buffers`   typed pointers to its tensors.
/// `name`      of the op, `problem_name` of a problem: unique, "f16_nt/256x256x256", no spaces.
/// `validate`  throws InvalidProblem.
/// `inputs`    in the order in which `fill` and `bind` take them; `output` is the only output.
/// `fill`      random inputs from a seed, on the host, always the same for the same seed.
/// `bind`      pointers (inputs in order, then the output) to Buffers; an absent optional tensor has
///             count 0 and a null pointer.
/// `reference` the double-precision result at some output indices, from inputs on the host.
/// `check_indices`  which outputs to check when the reference may cost at most `flop_budget`: all of
///             them, or a sample that has the corners and both sides of usual tile edges, the rest drawn by a seed.
template <class T>
concept Op = requires(const typename T::Problem& problem, const typename T::Buffers& buffers,
                      std::span<void* const> pointers, std::span<const std::int64_t> indices,
                      std::span<Expected> expected) {
  { T::name } -> std::convertible_to<std::string_view>;
  { T::problem_name(problem) } -> std::same_as<std::string>;
  {T::validate(problem)};
  { T::work(problem) } -> std::same_as<Work>;
  { T::inputs(problem) } -> std::same_as<std::vector<TensorSpec>>;
  { T::output(problem) } -> std::same_as<TensorSpec>;
  {T::fill(problem, std::uint64_t{}, pointers)};
  { T::bind(problem, pointers) } -> std::same_as<typename T::Buffers>;
  { T::check_indices(problem, double{}, std::uint64_t{}) } -> std::same_as<std::vector<std::int64_t>>;
  {T::reference(problem, buffers, indices, expected)};
};

/// What an implementation chose that leaves the work to another one of its op.
struct Choice {
  std::string implementation;  ///< empty: none
  std::string reason;          ///< why this one, or why none
};

/// One way to compute an op on one kind of device.
template <Op T>
struct Implementation {
  std::string name;  ///< "sm75_multistage", "cublaslt": the last part of a case's name
  Origin origin = Origin::ours;
  DeviceKind device = DeviceKind::cuda;
  /// Cheap, and free of side effects but for loading the library that it needs.
  std::function<Support(const Device&, const typename T::Problem&)> supports;
  /// Handles, plans, workspaces, packing of weights: not timed. May throw Unsupported. What it
  /// captures lives as long as the Launch.
  std::function<Launch(const Device&, const typename T::Problem&, const typename T::Buffers&)> prepare;
  std::string file = "";  ///< the source that registered it, as its compiler was given it; Register fills it in
  /// Only of an implementation that computes nothing itself, and chooses one of the same device that does. Cheap. Where
  /// the buffers don't suit its choice, `prepare` may take another.
  std::function<Choice(const Device&, const typename T::Problem&)> choose = {};
};

/// How an implementation is known, and the source that registered it.
struct RegisteredName {
  DeviceKind device;
  std::string_view name, file;
};

/// Throws Error that names both files if two of an op's implementations share device and name.
void refuse_twins(std::string_view op, std::vector<RegisteredName> implementations);

/// All implementations of an op, by registration.
template <Op T>
class Implementations {
 public:
  /// At file scope, before main. Throws Error once `sorted` has been asked: nobody would see what is added.
  static void add(Implementation<T> implementation) {
    if (closed()) throw Error(implementation.name + " of " + std::string(T::name) + " is registered too late");
    entries().push_back(std::move(implementation));
  }

  /// By device, origin, name: sorted and checked at the first call, from then on the same for every thread.
  ///
  /// Errors  Error, as refuse_twins has it.
  static const std::vector<Implementation<T>>& sorted() {
    static const std::vector<Implementation<T>>& all = sort();
    return all;
  }

 private:
  static std::vector<Implementation<T>>& entries() {
    static std::vector<Implementation<T>> added;
    return added;
  }
  static bool& closed() {
    static bool asked = false;
    return asked;
  }
  static const std::vector<Implementation<T>>& sort() {
    closed() = true;
    std::vector<RegisteredName> known;
    for (const auto& i : entries()) known.push_back({i.device, i.name, i.file});
    refuse_twins(T::name, std::move(known));
    std::ranges::sort(entries(), {}, [](const Implementation<T>& i) {
      return std::tuple(i.device, i.origin, std::string_view(i.name));
    });
    return entries();
  }
};

/// `const Register<Matmul> registered{{"sm75_multistage", Origin::ours, ...}};` at file scope.
template <Op T>
struct Register {
  // A default argument, so that it is the caller's file.
  explicit Register(Implementation<T> implementation, const char* file = __builtin_FILE()) {
    implementation.file = file;
    Implementations<T>::add(std::move(implementation));
  }
};

/// A problem worth timing, and the suites that hold it ("smoke", "default", "full").
template <Op T>
struct Workload {
  typename T::Problem problem;
  std::string label;                ///< where it comes from: "wav2lip fe0", "llama-70b gate/up"
  std::vector<std::string> suites;  ///< those that hold it; "full" holds everything by itself
};

/// `count` indices of [0, total), sorted, unique: first, last, both sides of multiples of 16..256 in
/// the last dimension of size `row`, the rest drawn by `seed`. All of them when total <= count.
std::vector<std::int64_t> sample_indices(std::int64_t total, std::int64_t row, std::int64_t count, std::uint64_t seed);

}  // namespace kernelgate
