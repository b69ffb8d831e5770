// --require: any text is refused in one clear line, or reads back as the same and evaluates on any machine.
#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

#include "harness/base/fuzz_checks_for_test.h"
#include "harness/check/fake/fake_machines_for_test.h"
#include "harness/check/require/requirements.h"

namespace kernelgate {
namespace {

std::string text_of(const std::vector<Requirement>& requirements) {
  std::string text;
  for (const Requirement& one : requirements) text += (text.empty() ? "" : ",") + one.text();
  return text;
}

Environment two_gpus() {
  FakeProbe probe = healthy_h200();
  Gpu second = fake_h200_by_cuda();  // NVML does not know it: most facts are missing
  second.cuda_ordinal = {1, ""};
  second.pci_bus_id = {"0000:3b:00.0", ""};
  second.uuid = {"GPU-2", ""};
  probe.cuda_view.gpus.push_back(second);
  probe.files["/usr/lib/python3.12/site-packages/torch/version.py"] = "__version__ = '2.9'\ncuda = '12.8'\n";
  probe.files["/usr/lib/python3.12/site-packages/jax_cuda13_plugin-0.7.dist-info/METADATA"] = "";
  return read_environment(probe);
}

void check(const std::vector<Requirement>& requirements) {
  static const Environment machines[] = {read_environment(healthy_h200()), read_environment(bare_machine()),
                                         two_gpus()};
  for (const Environment& machine : machines) {
    const auto outcomes = evaluate(requirements, machine, CompatDb::shipped(), "2026-11-22");
    fuzz_require(outcomes.size() == requirements.size(), "every requirement has an outcome", text_of(requirements));
    for (const RequirementOutcome& outcome : outcomes) {
      fuzz_require(outcome.known || !outcome.met, "what is not known is not met", outcome.requirement.text());
      fuzz_require(!outcome.actual.empty(), "an outcome says what is there", outcome.requirement.text());
    }
    to_json(outcomes).dump();  // throws where a text is no UTF-8
  }
}

}  // namespace
}  // namespace kernelgate

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kernelgate;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  std::vector<Requirement> requirements;
  try {
    requirements = parse_requirements(input);
  } catch (const HarnessError& error) {
    require_clear_error(error);
    return 0;
  }
  fuzz_require(text_of(parse_requirements(text_of(requirements))) == text_of(requirements), "reads back as the same",
               input);
  check(requirements);
  return 0;
}
