#pragma once
// An op of a user's own, said in a few lines: its tensors, its problems, what is right, and the kernels that compute
// it. The long form, for what this one can't say, is a struct that satisfies the concept Op (kernels/op/op.h).

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "kernels/op/op.h"
#include "kernels/op/sizes.h"
#include "kernels/user/expression.h"

namespace kernelgate {

/// A contiguous tensor, last dimension fastest.
struct UserTensor {
  std::string name;
  Type type = Type::f32;
  std::vector<std::string> shape;  ///< each a formula of the problem's sizes: {"rows", "2 * columns"}
  bool constant = false;           ///< an input that `prepare` may look at and pack, as weights
  double low = 0, high = 0;  ///< its values: uniform in [low, high); where both are 0, N(0, 1), and of i16 all values
};

/// A problem that is worth a look.
struct UserSizes {
  Sizes sizes;
  std::vector<std::string> suites = {"smoke", "default", "verify"};
  std::string label = "";  ///< where it comes from
};

/// The inputs of a problem on the host, as a reference reads them.
class UserInputs {
 public:
  UserInputs(const Sizes& sizes, std::map<std::string, TensorView> tensors)
      : sizes_(sizes), tensors_(std::move(tensors)) {}

  /// Errors  Error: a name that is not there.
  std::int64_t size(std::string_view name) const;
  double operator()(const std::string& tensor, std::int64_t index) const;  ///< an element, exactly
  const Sizes& sizes() const { return sizes_; }
  const std::map<std::string, TensorView>& tensors() const { return tensors_; }

 private:
  const Sizes& sizes_;
  std::map<std::string, TensorView> tensors_;
};

/// One op. Names are of letters, digits and _, and begin with a letter.
struct UserOp {
  std::string name;
  std::vector<UserTensor> inputs;
  UserTensor output;
  std::vector<UserSizes> problems;
  /// In double: what element `index` of the output is to be, and how far a kernel may be from it.
  std::function<Expected(const UserInputs&, std::int64_t index)> expected;
  /// What the algorithm needs, in operations (a fused multiply-add counts 2), as a formula of the sizes; empty: one for
  /// each output.
  std::string flop = "";
};

/// Where an implementation finds what it works on.
struct UserCall {
  const Device& device;
  const Sizes& sizes;
  const std::map<std::string, void*>& tensors;

  /// Errors  Error: a name that is not there.
  std::int64_t size(std::string_view name) const;
  template <class T>
  T* get(std::string_view name) const {
    return static_cast<T*>(find(name));
  }

 private:
  void* find(std::string_view name) const;
};

/// One way to compute an op of a user's own.
struct UserKernel {
  std::string op, name;
  DeviceKind device = DeviceKind::cuda;
  /// Looks names up, makes plans, packs constants: not timed. What it returns is.
  std::function<Launch(const UserCall&)> prepare;
  std::function<Support(const Device&, const Sizes&)> supports = {};  ///< empty: wherever there is such a device
  Origin origin = Origin::ours;                                       ///< peer: what it is compared with
  std::string file = "";                                              ///< RegisterKernel fills it in
};

/// `const RegisterOp registered{{.name = "saxpy", ...}};` at file scope. A file that is compiled twice, for GPUs and
/// for the host executor, registers its op twice, which counts as once. A mistake ends the program before it starts:
/// nobody could catch an exception.
struct RegisterOp {
  explicit RegisterOp(UserOp op, const char* file = __builtin_FILE());
};

/// The same of a kernel: `const RegisterKernel simple{{"saxpy", "simple", simt::device_kind, prepare}};`
struct RegisterKernel {
  explicit RegisterKernel(UserKernel kernel, const char* file = __builtin_FILE());
};

/// Errors  Error: a kernel of an op that nobody registered.
void expect_user_ops();

}  // namespace kernelgate
