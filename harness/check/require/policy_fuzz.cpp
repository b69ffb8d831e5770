// Policies: any document is refused in one clear line, or works on any machine.
#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

#include "harness/base/fuzz_checks_for_test.h"
#include "harness/check/fake/fake_machines_for_test.h"
#include "harness/check/require/policy.h"

namespace kernelgate {
namespace {

FakeProbe machine_with_software() {
  FakeProbe probe = healthy_h200();
  for (const char* library : {"libcublas.so.12.9.1.4", "libcudnn.so.9.5.0", "libcudart.so.13.0.96"}) {
    probe.files[std::string("/usr/lib64/") + library] = "";
  }
  probe.files["/usr/lib/python3.12/site-packages/torch/version.py"] = "__version__ = '2.9'\ncuda = '12.8'\n";
  return probe;
}

void check_policy(std::string_view input) {
  static const Environment machines[] = {read_environment(machine_with_software()), read_environment(bare_machine())};
  const Policy policy = parse_policy(input, "fuzz.json");
  for (const Environment& machine : machines) {
    const PolicyReport report = evaluate_policy(policy, machine, CompatDb::shipped(), "2026-11-22");
    fuzz_require(report.lines.size() == policy.lines.size(), "every line has an outcome", input);
    fuzz_require(report.exit_code(true) == ExitCode::refused || report.exit_code(false) == ExitCode::good,
                 "strict refuses at least as much", input);
    fuzz_require(!policy_text(report).empty(), "there is a text", input);
    to_json(report).dump();
  }
}

}  // namespace
}  // namespace kernelgate

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  try {
    kernelgate::check_policy(input);
  } catch (const kernelgate::HarnessError& error) {
    kernelgate::require_clear_error(error);
  }
  return 0;
}
