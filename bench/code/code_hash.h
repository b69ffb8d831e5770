#pragma once
// Identifies the machine code that an implementation runs, so that "slower" can be told from "other code".

#include <functional>
#include <span>
#include <string>

#include "bench/code/object_code.h"
#include "kernels/op/any_op.h"

namespace kernelgate {

/// Where an identity comes from; the program's own answers by default.
struct CodeFacts {
  std::span<const ObjectCode> objects = object_code();
  std::function<std::string(const std::string& stem)> library;  ///< what is loaded as lib`stem`.so; empty: nothing
  std::function<std::string()> driver;                          ///< the GPU driver's version; empty: not known
};

CodeFacts code_facts();

/// Of what runs on the device; to be asked after it was prepared, when its libraries are loaded. Equal for equal code:
///   ours    the kernel file's device code for this architecture, and its host code, which chooses the kernel and its
///           shape. Only finished code is shipped, no PTX, so the driver compiles nothing.
///   peers   the adapter's object code (not the program's, which any change changes), and of each library its version
///           and build id; on a GPU also the driver, which compiles what such a library brings as PTX.
/// Empty where a part is not known.
std::string code_hash(const AnyProblem::Candidate& candidate, const Device& device, const CodeFacts& facts);

/// Of whose kernel runs: where a candidate only chooses among others, the one that it chose; where it is made of other
/// ops' implementations, all of theirs, in order.
std::string code_hash(const AnyProblem& problem, const AnyProblem::Candidate& candidate, const Device& device,
                      const CodeFacts& facts);

}  // namespace kernelgate
