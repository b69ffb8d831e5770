#include "harness/judge/driver/settings.h"

#include <algorithm>
#include <array>
#include <functional>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/check/fingerprint.h"

namespace kernelgate {
namespace {

using nlohmann::json;

/// What an upgrade of the driver is about, or brings along.
constexpr std::array of_the_driver{"driver", "cuda_driver_api"};

/// What a result keeps beside its identity, and what a reboot, or the upgrade itself, may have changed.
constexpr std::array compared_covariates{
    "persistence",  "compute_mode", "pcie_generation_max", "pcie_width_max", "governor",
    "usable_cores", "kernel",       "cpu_microcode",       "variables",      "kernel_module_flavour"};

json part_of(const Result& result, const char* part) {
  const json found = result.fingerprint.is_object() ? result.fingerprint.value(part, json()) : json();
  return found.is_object() ? found : json::object();
}

bool is_unknown(const json& fact) {
  return fact.is_null() || (fact.is_object() && fact.contains("value") && fact["value"].is_null());
}

std::string shown_fact(const json& fact) {
  if (is_unknown(fact)) return fact.is_object() ? "unknown: " + fact.value("reason", "not read") : "not recorded";
  return fact.is_string() ? fact.get<std::string>() : fact.dump();
}

bool is_of_the_driver(const std::string& field) {
  return std::ranges::find(of_the_driver, field) != of_the_driver.end();
}

bool is_allowed(const std::string& field, const std::vector<std::string>& vary) {
  return std::ranges::any_of(vary,
                             [&](const std::string& name) { return field == name || field.starts_with(name + "_"); });
}

double megahertz(const json& identity, const char* field) {
  const json fact = identity.value(field, json());
  return fact.is_number() ? fact.get<double>() / 1e6 : 0;
}

std::string application_clocks(const json&, const json& first) {
  return fmt::format("sudo nvidia-smi -ac {:.0f},{:.0f}", megahertz(first, "application_clock_memory_hz"),
                     megahertz(first, "application_clock_sm_hz"));
}

/// How to put back what the first boot had. `first`: its identity.
std::string remedy_of(const std::string& field, const json& was, const json& first) {
  struct Row {
    const char* field;
    std::function<std::string(const json& was, const json& first)> command;
  };
  static const std::array rows{
      Row{"persistence",
          [](const json& fact, const json&) {
            return fmt::format("sudo nvidia-smi -pm {}", fact.is_boolean() && !fact.get<bool>() ? 0 : 1);
          }},
      Row{"power_limit_w",
          [](const json& fact, const json&) {
            return fact.is_number() ? fmt::format("sudo nvidia-smi -pl {:g}", fact.get<double>())
                                    : "set it with nvidia-smi -pl";
          }},
      Row{"application_clock_sm_hz", application_clocks},
      Row{"application_clock_memory_hz", application_clocks},
      Row{"ecc",
          [](const json& fact, const json&) {
            return fmt::format("sudo nvidia-smi -e {}, then reboot", fact.is_boolean() && !fact.get<bool>() ? 0 : 1);
          }},
      Row{"mig",
          [](const json& fact, const json&) {
            return fmt::format("sudo nvidia-smi -mig {}", fact.is_boolean() && fact.get<bool>() ? 1 : 0);
          }},
      Row{"compute_mode",
          [](const json& fact, const json&) { return fmt::format("sudo nvidia-smi -c {}", shown_fact(fact)); }},
      Row{"governor", [](const json& fact,
                         const json&) { return fmt::format("sudo cpupower frequency-set -g {}", shown_fact(fact)); }},
      Row{"kernel",
          [](const json& fact, const json&) {
            return fmt::format("boot kernel {} again: one thing is changed at a time", shown_fact(fact));
          }},
      Row{"kernel_module_flavour",
          [](const json& fact, const json&) {
            return fmt::format("install the {} kernel module again, or declare it: --vary kernel_module_flavour",
                               shown_fact(fact));
          }},
      Row{"variables", [](const json&, const json&) { return std::string("set the same variables as before"); }},
      Row{"vbios", [](const json&, const json&) {
            return std::string("the firmware was changed, too: measure 'before' again with it");
          }}};
  const auto found = std::ranges::find_if(rows, [&](const Row& row) { return field == row.field; });
  if (found != rows.end()) return found->command(was, first);
  if (field.starts_with("pcie_")) return "look at the slot and its link: kernelgate check";
  if (field == "gpu_uuid" || field == "gpu_name") return "measure the same GPU: --gpu";
  return fmt::format("put it back, or declare it: --vary {}", field);
}

class SettingsCompared {
 public:
  SettingsCompared(const NamedBoot& first, const std::vector<std::string>& vary) : first_(first), vary_(vary) {}

  void add(const NamedBoot& boot) {
    const json was = part_of(*first_.result, "identity"), is = part_of(*boot.result, "identity");
    std::set<std::string> fields;
    for (const json* side : {&was, &is})
      for (const auto& [field, value] : side->items()) fields.insert(field);
    for (const std::string& field : fields) note(boot, field, was.value(field, json()), is.value(field, json()), true);
    const json before = part_of(*first_.result, "covariates"), now = part_of(*boot.result, "covariates");
    for (const char* field : compared_covariates)
      if (!fields.contains(field)) note(boot, field, before.value(field, json()), now.value(field, json()), false);
    if (boot.result->build != first_.result->build && !is_allowed("build", vary_))
      found_.differences.push_back({"build", boot.name, program_of(*first_.result), program_of(*boot.result),
                                    "measure with the same program on both sides"});
  }

  Settings take() { return std::move(found_); }

 private:
  static std::string program_of(const Result& result) {
    if (!result.build.is_object()) return "not recorded";
    return fmt::format("{} of commit {}", result.build.value("version", "?"), result.build.value("commit", "?"));
  }

  /// What identifies must be known alike on both sides; of the rest, what one side can't tell is no difference.
  void note(const NamedBoot& boot, const std::string& field, const json& was, const json& is, bool identifies) {
    if (was == is || (is_unknown(was) && is_unknown(is)) || is_of_the_driver(field) || is_allowed(field, vary_)) return;
    if (!identifies && (is_unknown(was) || is_unknown(is))) {
      const bool here = is_unknown(is);
      found_.unknown.push_back(fmt::format("{} is not known in {} ({})", field, here ? boot.name : first_.name,
                                           shown_fact(here ? is : was)));
      return;
    }
    found_.differences.push_back({field, boot.name, shown_fact(was), shown_fact(is),
                                  remedy_of(field, was, part_of(*first_.result, "identity"))});
  }

  const NamedBoot& first_;
  const std::vector<std::string>& vary_;
  Settings found_;
};

/// Errors  HarnessError(usage): a name that is no field's.
void expect_known(const Result& first, const std::vector<std::string>& vary) {
  std::vector<std::string> fields{"build"};
  fields.insert(fields.end(), compared_covariates.begin(), compared_covariates.end());
  const json identity = part_of(first, "identity");
  for (const auto& [field, value] : identity.items()) fields.push_back(field);
  for (const std::string& name : vary)
    if (std::ranges::none_of(fields, [&](const std::string& field) { return is_allowed(field, {name}); }))
      throw HarnessError(ExitCode::usage, fmt::format("--vary {}: nothing of that name is compared; there are {}", name,
                                                      fmt::join(fields, ", ")));
}

}  // namespace

Settings compare_settings(std::span<const NamedBoot> boots, const std::vector<std::string>& vary) {
  if (boots.empty()) return {};
  expect_known(*boots.front().result, vary);
  SettingsCompared compared(boots.front(), vary);
  for (const NamedBoot& boot : boots.subspan(1)) compared.add(boot);
  Settings settings = compared.take();
  if (boots.front().result->device_kind == "cuda")
    settings.unknown.push_back(
        "locked clocks (nvidia-smi -lgc) can't be read: whoever locks them does it again after each reboot; the "
        "control "
        "kernels see what was forgotten");
  return settings;
}

std::string driver_of(const Result& result) {
  const json fact = part_of(result, "identity").value("driver", json());
  return fact.is_string() ? fact.get<std::string>() : std::string();
}

std::string to_text(const SettingDifference& difference) {
  return fmt::format("{} is {} in {}, and was {}", difference.field, difference.is, difference.boot, difference.was);
}

}  // namespace kernelgate
