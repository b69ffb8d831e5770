#include "harness/environment/xid.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>

namespace kernelgate {
namespace {

constexpr const char* reset = "reset the idle GPU (sudo nvidia-smi -r -i <index>), or reboot";
constexpr const char* restart = "restart the machine; if it comes back, have the GPU and its slot checked";
constexpr const char* application = "run the case under compute-sanitizer";
constexpr const char* memory = "watch it: kernelgate check tells pending and failed row remapping";
constexpr const char* nvlink = "restart nvidia-fabricmanager; sudo dmesg | grep -i nvlink";

// 109: the catalogue says reset, the device plugin counts it among application errors. The run stops, and no
// finding condemns the hardware.
constexpr Xid table[] = {
    {13, XidEffect::fails_case, "graphics engine exception", application},
    {31, XidEffect::fails_case, "GPU memory page fault", application},
    {32, XidEffect::fails_case, "invalid or corrupted push buffer stream", application},
    {43, XidEffect::fails_case, "GPU stopped processing", application},
    {45, XidEffect::fails_case, "preemptive cleanup after another error", application},
    {46, XidEffect::stops_suite, "GPU stopped processing", reset},
    {48, XidEffect::fails_sample, "double-bit ECC error", memory},
    {54, XidEffect::stops_suite, "auxiliary power is not connected", "connect the GPU's power cable"},
    {62, XidEffect::stops_suite, "internal micro-controller halt", reset},
    {63, XidEffect::note, "memory row remapping event", memory},
    {64, XidEffect::stops_suite, "memory row remapping failure", reset},
    {68, XidEffect::fails_case, "video decoder exception", application},
    {69, XidEffect::fails_case, "graphics engine class error", application},
    {74, XidEffect::fails_sample, "NVLink error", nvlink},
    {79, XidEffect::stops_suite, "GPU has fallen off the bus", restart},
    {80, XidEffect::fails_case, "corrupted data sent to the GPU", application},
    {92, XidEffect::note, "high single-bit ECC error rate", memory},
    {93, XidEffect::note, "InfoROM wear limit exceeded", ""},
    {94, XidEffect::fails_sample, "contained memory error", memory},
    {95, XidEffect::stops_suite, "uncontained memory error", reset},
    {109, XidEffect::stops_suite, "context switch timeout", reset},
    {110, XidEffect::stops_suite, "security fault", reset},
    {119, XidEffect::stops_suite, "GSP RPC timeout", reset},
    {120, XidEffect::stops_suite, "GSP error", reset},
    {136, XidEffect::stops_suite, "link training failed", reset},
    {137, XidEffect::fails_sample, "NVLink privilege error", nvlink},
    {140, XidEffect::stops_suite, "unrecovered ECC error", reset},
    {143, XidEffect::stops_suite, "GPU initialization error", reset},
    {144, XidEffect::fails_sample, "NVLink SAW error", nvlink},
    {145, XidEffect::fails_sample, "NVLink RLW error", nvlink},
    {146, XidEffect::fails_sample, "NVLink TLW error", nvlink},
    {147, XidEffect::fails_sample, "NVLink TREX error", nvlink},
    {148, XidEffect::fails_sample, "NVLink NVLPW error", nvlink},
    {149, XidEffect::fails_sample, "NVLink NETIR error", nvlink},
    {150, XidEffect::fails_sample, "NVLink MSE error", nvlink},
    {151, XidEffect::stops_suite, "key rotation error", "restart the virtual machine"},
    {154, XidEffect::note, "GPU recovery action changed", "kernelgate check tells the action"},
    {155, XidEffect::stops_suite, "NVLink software-defined error", reset},
    {156, XidEffect::stops_suite, "resource retirement event", reset},
    {158, XidEffect::stops_suite, "GPU fatal timeout", reset},
    {171, XidEffect::fails_sample, "uncorrectable DRAM error", memory},
    {172, XidEffect::fails_sample, "uncorrectable SRAM error", memory},
};

}  // namespace

Xid classify_xid(std::int64_t number) {
  const auto* found =
      std::find_if(std::begin(table), std::end(table), [&](const Xid& x) { return x.number == number; });
  if (found != std::end(table)) return *found;
  return {number, XidEffect::fails_sample, "not known to this program", "sudo dmesg | grep -i xid"};
}

std::string xid_text(const Xid& xid) { return fmt::format("XID {} ({})", xid.number, xid.text); }

}  // namespace kernelgate
