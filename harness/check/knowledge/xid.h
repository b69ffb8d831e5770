#pragma once
// What an XID event, an error that the driver reports by number, means for a measurement.

#include <cstdint>
#include <string>

#include "harness/check/knowledge/compat_db.h"

namespace kernelgate {

/// What a run does about it, gentlest first.
enum class XidEffect {
  note,          ///< recorded
  fails_case,    ///< an error of the program that ran: ours, most likely
  fails_sample,  ///< what was timed meanwhile can't be used; the GPU goes on
  stops_suite,   ///< the GPU needs a reset or a repair: nothing after it means anything
};

struct XidMeaning {
  std::int64_t number = 0;
  XidEffect effect = XidEffect::fails_sample;
  std::string text;  ///< what happened
  std::string remedy;
};

/// By the class that the tables give it. A number that they lack fails the sample.
XidMeaning classify_xid(std::int64_t number, const CompatDb& compat = CompatDb::shipped());

/// "XID 79 (GPU has fallen off the bus)"
std::string xid_text(const XidMeaning& xid);

}  // namespace kernelgate
