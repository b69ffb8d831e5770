#pragma once
// What the kernels' layer throws.

#include <stdexcept>

namespace kernelgate {

/// The root of what this program throws on purpose; its text is one line for a person.
struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A problem that no implementation could compute: a negative size, a kernel larger than its input.
struct InvalidProblem : Error {
  using Error::Error;
};

/// This implementation can't run this problem here: the case is skipped, and the text is its reason.
struct Unsupported : Error {
  using Error::Error;
};

/// A CUDA or vendor library call failed; the text names the call and the error.
struct DeviceError : Error {
  using Error::Error;
};

}  // namespace kernelgate
