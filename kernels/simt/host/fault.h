#pragma once
// What the host executor throws when a kernel does what a GPU would get wrong.

#include <source_location>
#include <string>
#include <string_view>

#include "kernels/op/error.h"
#include "kernels/simt/shape.h"

namespace kernelgate::simt {

/// Names kernel, block, thread, operation, and what was expected.
struct Fault : Error {
  using Error::Error;
};

namespace executor {

/// One call of the vocabulary in a kernel's source.
struct Operation {
  const char* name = "";
  std::source_location where;
};

/// The same call in the source: what `.aligned` demands of all lanes.
bool same(const Operation& a, const Operation& b);

/// "shuffle at kernels/matmul/sm80_multistage.cu:88"
std::string describe(const Operation& operation);
/// "(3,0,0)"
std::string describe(const Dim3& index);
/// The path from the repository's root where it has one, otherwise the file's name.
std::string_view short_path(std::string_view path);

struct Thread;
[[noreturn]] void fault(const Thread& thread, const Operation& operation, const std::string& what);
/// Of the thread that runs now.
[[noreturn]] void fault(const Operation& operation, const std::string& what);

}  // namespace executor
}  // namespace kernelgate::simt
