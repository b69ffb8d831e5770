#pragma once
// The cases that are measured together, and how one of them drops out.

#include <exception>
#include <string>
#include <vector>

#include "bench/run/cases.h"
#include "harness/result/result.h"

namespace kernelgate {

/// A case and where its findings go.
struct Member {
  const Case* one;
  CaseResult* result;
};

inline void fail(const Member& member, CaseStatus status, const std::string& reason) {
  member.result->status = status;
  member.result->reason = reason;
}

/// Does `step` for each member and drops those for which it returns false or throws, with the reason.
template <class Step>
void for_each_alive(std::vector<Member>& alive, const Step& step) {
  std::erase_if(alive, [&](const Member& member) {
    try {
      return !step(member);
    } catch (const Unsupported& e) {
      fail(member, CaseStatus::skipped, e.what());
    } catch (const std::exception& e) {
      fail(member, CaseStatus::error, e.what());
    }
    return true;
  });
}

}  // namespace kernelgate
