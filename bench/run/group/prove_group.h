#pragma once
// Proves the implementations of a group right: against the reference at some outputs, against each other at all.

#include <map>
#include <string>
#include <vector>

#include "bench/run/group/group_members.h"
#include "bench/run/injection.h"
#include "kernels/op/verify.h"

namespace kernelgate {

/// Drops the members that are wrong, and records of the others what was seen. `when`: "before" or "after" they were
/// timed. An implementation is looked at once; its cache states share the verdict.
void prove_group(std::vector<Member>& alive, Proof& proof, const std::map<std::string, Launch>& launches,
                 const Injection& injection, const char* when);

}  // namespace kernelgate
