#pragma once
// XID events: what the driver reports of a GPU's errors, and what each means for a measurement.

#include <cstdint>
#include <string>

namespace kernelgate {

/// What a run does about it, gentlest first.
enum class XidEffect {
  note,          ///< recorded
  fails_case,    ///< an error of the program that ran: ours, most likely
  fails_sample,  ///< what was timed meanwhile can't be used; the GPU goes on
  stops_suite,   ///< the GPU needs a reset or a repair: nothing after it means anything
};

struct Xid {
  std::int64_t number;
  XidEffect effect;
  const char* text;    ///< what happened
  const char* remedy;  ///< may be empty
};

/// A number that is not in the table fails the sample.
///
/// Source  NVIDIA's XID catalogue as mirrored by gpud (2025-10-29); which are application errors: k8s-device-plugin.
Xid classify_xid(std::int64_t number);

/// "XID 79 (GPU has fallen off the bus)"
std::string xid_text(const Xid& xid);

}  // namespace kernelgate
