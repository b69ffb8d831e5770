#pragma once
// A kernel that a user brings as a cubin or PTX, as a JSON file describes it: docs/own_kernels.md.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/user/driver_kernel.h"
#include "bench/user/kernel_image.h"
#include "kernels/op/device.h"
#include "kernels/op/op.h"
#include "kernels/op/sizes.h"
#include "kernels/user/expression.h"
#include "kernels/user/user_op.h"

namespace kernelgate {

/// One parameter of the kernel.
struct KernelArgument {
  enum class Kind { tensor, scratch, i32, u32, i64, u64, f32, f64 };
  Kind kind = Kind::tensor;
  std::string tensor;               ///< of a tensor: its name
  std::optional<Expression> value;  ///< of numbers; of scratch its bytes
  std::size_t bytes() const { return kind == Kind::i32 || kind == Kind::u32 || kind == Kind::f32 ? 4 : 8; }
};

/// How a result is judged where the op is the user's own.
struct ExpectedOutput {
  std::optional<Expression> formula;  ///< of an output at i (row, column of its last two dimensions); none: in files
  double relative = 0, absolute = 0;
};

/// The values of all tensors of a problem, as files of raw elements, by the tensor's name.
using TensorFiles = std::map<std::string, std::string>;

struct KernelDescription {
  std::string file;  ///< that was read
  std::string name, op;
  KernelImage image;
  std::string symbol;
  std::vector<KernelArgument> arguments;
  std::vector<Expression> grid, block, cluster;  ///< up to three each
  std::optional<Expression> shared_bytes, where;

  bool own_op = false;
  std::vector<std::string> problems;  ///< of an op of kernelgate: names, * for any text
  std::vector<UserTensor> inputs;     ///< of an own op, from here on
  UserTensor output;
  std::vector<UserSizes> sizes;
  std::vector<std::vector<TensorFiles>> files;  ///< of each of them; empty: by formula
  ExpectedOutput expected;
  std::string flop;
  std::string op_text;                     ///< its tensors and what is right, as written
  std::vector<std::string> problem_texts;  ///< and its problems: where two descriptions of one op must agree

  /// What identifies it: the image, and all that decides how it is started.
  std::string code_hash;

  /// Whether it can run a problem of these sizes. Without a GPU (compute capability 0) what can be told without.
  Support supports(const Device& device, const Sizes& sizes, const std::vector<std::string>& tensors) const;

  /// What is launched for these sizes, tensors at these addresses. Errors  Unsupported: a shape that no GPU takes, a
  /// number that a parameter can't hold, a formula without a value, a tensor that is not there.
  DriverLaunch launch(const Sizes& sizes, const std::map<std::string, void*>& tensors) const;
  /// The bytes of each scratch, in the order of `arguments`. Errors  Unsupported.
  std::vector<std::size_t> scratch_bytes(const Sizes& sizes) const;
};

/// `described`: ops of users' own that other descriptions have brought, so that this one says them, too.
///
/// Errors  HarnessError (usage): one line that names the file, the field and what is right.
KernelDescription read_kernel_description(const std::string& file,
                                          const std::set<std::string, std::less<>>& described = {});

}  // namespace kernelgate
