#include "harness/check/knowledge/xid.h"

#include <fmt/core.h>

namespace kernelgate {
namespace {

XidEffect effect_of(XidClass kind) {
  switch (kind) {
    case XidClass::info:
      return XidEffect::note;
    case XidClass::application:
      return XidEffect::fails_case;
    case XidClass::contained_memory:
    case XidClass::ecc:
    case XidClass::nvlink:
      return XidEffect::fails_sample;
    case XidClass::reset_gpu:
    case XidClass::restart_machine:
    case XidClass::power:
      break;
  }
  return XidEffect::stops_suite;
}

}  // namespace

XidMeaning classify_xid(std::int64_t number, const CompatDb& compat) {
  const Xid* known = compat.xid(static_cast<int>(number));
  if (known) return {number, effect_of(known->kind), known->text, known->action};
  return {number, XidEffect::fails_sample, "not known to this program", "sudo dmesg | grep -i xid"};
}

std::string xid_text(const XidMeaning& xid) { return fmt::format("XID {} ({})", xid.number, xid.text); }

}  // namespace kernelgate
