// Facts about the host: processor, memory, distribution, containers.
#include <charconv>
#include <set>
#include <sstream>
#include <utility>

#include "harness/base/json/fact_json.h"
#include "harness/base/printable.h"
#include "harness/base/trimmed.h"
#include "harness/check/machine/facts.h"

namespace kernelgate {
namespace {

/// Quotes, too: os-release has them.
std::string bare(std::string_view text) { return std::string(trimmed(text, " \t\r\n\"'")); }

// The value of the first line "key <separator> value".
Fact<std::string> field_of(const std::optional<std::string>& file, const std::string& name, const std::string& key,
                           char separator) {
  if (!file) return missing<std::string>(name + " can't be read");
  std::istringstream lines(*file);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t at = line.find(separator);
    if (at == std::string::npos || bare(line.substr(0, at)) != key) continue;
    const std::string value = bare(line.substr(at + 1));
    return value.empty() ? missing<std::string>(name + ": " + key + " is empty") : Fact<std::string>{value, ""};
  }
  return missing<std::string>(name + " has no " + key);
}

template <class T>
Fact<T> leading_number(const Fact<std::string>& text, T unit) {
  if (!text.value) return missing<T>(text.reason);
  T number{};
  const auto [end, error] = std::from_chars(text.value->data(), text.value->data() + text.value->size(), number);
  if (error != std::errc{}) return missing<T>("not a number: " + *text.value);
  return {number * unit, ""};
}

Fact<std::string> first_line(const Probe& probe, const std::string& path) {
  const std::optional<std::string> text = probe.read_file(path);
  if (!text) return missing<std::string>(path + " can't be read");
  const std::string line = bare(text->substr(0, text->find('\n')));
  return line.empty() ? missing<std::string>(path + " is empty") : Fact<std::string>{line, ""};
}

void read_processor(const Probe& probe, Host& host) {
  const std::string name = "/proc/cpuinfo";
  const std::optional<std::string> info = probe.read_file(name);
  host.cpu_model = field_of(info, name, "model name", ':');
  host.cpu_microcode = field_of(info, name, "microcode", ':');
  const Fact<std::string> family = field_of(info, name, "cpu family", ':');
  const Fact<std::string> part = field_of(info, name, "CPU part", ':');
  if (family.value) {
    host.cpu_family = {*family.value + "/" + field_of(info, name, "model", ':').value.value_or("?") + "/" +
                           field_of(info, name, "stepping", ':').value.value_or("?"),
                       ""};
  } else if (part.value) {
    host.cpu_family = {field_of(info, name, "CPU implementer", ':').value.value_or("?") + "/" + *part.value, ""};
    if (!host.cpu_model.value) host.cpu_model = {"ARM " + *host.cpu_family.value, ""};  // ARM names no model here
  } else {
    host.cpu_family = family;
  }
  // What oneDNN and FFT libraries choose their code by; the rest of the flags doesn't matter to us.
  static const std::set<std::string> relevant = {
      "avx",         "avx2",        "fma",         "f16c",     "avx512f",  "avx512bw", "avx512vl",
      "avx512_vnni", "avx512_bf16", "avx512_fp16", "avx_vnni", "amx_tile", "amx_bf16", "amx_int8",
      "amx_fp16",    "asimd",       "asimdhp",     "sve",      "sve2",     "bf16",     "i8mm"};
  Fact<std::string> flags = field_of(info, name, "flags", ':');
  if (!flags.value) flags = field_of(info, name, "Features", ':');
  if (!flags.value) {
    host.cpu_isa = missing<std::string>(name + " lists no flags");
    return;
  }
  std::istringstream words(*flags.value);
  std::set<std::string> found;
  for (std::string word; words >> word;) {
    if (relevant.contains(word)) found.insert(word);
  }
  std::string joined;
  for (const std::string& word : found) joined += (joined.empty() ? "" : " ") + word;
  host.cpu_isa = {joined, ""};
}

// A limit of the control group, as cores; containers have it where affinity shows the whole machine.
Fact<double> read_quota(const Probe& probe) {
  const std::string path = "/sys/fs/cgroup/cpu.max";
  const std::optional<std::string> text = probe.read_file(path);
  if (!text) return missing<double>(path + " can't be read");
  if (text->starts_with("max")) return missing<double>("no limit");
  std::istringstream numbers(*text);
  double quota = 0, period = 0;
  if (!(numbers >> quota >> period) || period <= 0) return missing<double>(path + ": not understood");
  return {quota / period, ""};
}

// "rocky", then the words of ID_LIKE: "rhel", "centos", "fedora".
std::vector<std::string> distribution_ids(const std::optional<std::string>& release) {
  std::vector<std::string> ids;
  for (const char* key : {"ID", "ID_LIKE"}) {
    std::istringstream words(field_of(release, "/etc/os-release", key, '=').value.value_or(""));
    for (std::string word; words >> word;) ids.push_back(printable(word, 32));
  }
  return ids;
}

Fact<std::string> batch_system(const Probe& probe) {
  static constexpr std::pair<const char*, const char*> known[] = {{"SLURM_JOB_ID", "Slurm"},
                                                                  {"PBS_JOBID", "PBS"},
                                                                  {"LSB_JOBID", "LSF"},
                                                                  {"SGE_TASK_ID", "Grid Engine"},
                                                                  {"_CONDOR_SLOT", "HTCondor"}};
  for (const auto& [variable, name] : known) {
    if (probe.environment_variable(variable)) return {name, ""};
  }
  // Slurm's own word for "no GPU was given", which it leaves in no other place.
  if (probe.environment_variable("CUDA_VISIBLE_DEVICES") == "NoDevFiles") return {"Slurm", ""};
  return missing<std::string>("no sign of a batch system");
}

// A Jetson's model is in the device tree; L4T says it once more, and so does the kernel's name.
void read_tegra(const Probe& probe, Host& host) {
  host.board = missing<std::string>("no device tree with a model");
  for (const char* path : {"/sys/firmware/devicetree/base/model", "/proc/device-tree/model"}) {
    const std::string model = probe.read_file(path).value_or("");
    const std::string text = bare(model.substr(0, model.find('\0')));
    if (host.board.value || text.empty()) continue;
    host.board = {printable(text, 80), ""};
  }
  host.tegra = probe.exists("/etc/nv_tegra_release") || host.kernel.value.value_or("").ends_with("-tegra") ||
               host.board.value.value_or("").find("Jetson") != std::string::npos;
}

}  // namespace

Host read_host(const Probe& probe) {
  Host host;
  const auto named = [](std::string text, const char* what) {
    return text.empty() ? missing<std::string>(std::string(what) + " is empty") : Fact<std::string>{text, ""};
  };
  host.hostname = named(probe.hostname(), "uname's node name");
  host.kernel = named(probe.kernel_release(), "uname's release");
  const std::optional<std::string> os_release = probe.read_file("/etc/os-release");
  host.distribution = field_of(os_release, "/etc/os-release", "PRETTY_NAME", '=');
  host.distribution_ids = distribution_ids(os_release);
  host.hypervisor = first_line(probe, "/sys/class/dmi/id/sys_vendor");
  read_processor(probe, host);
  host.usable_cores = probe.usable_cores();
  host.cpu_quota_cores = read_quota(probe);
  host.governor = first_line(probe, "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  host.load_1min = leading_number<double>(first_line(probe, "/proc/loadavg"), 1);
  const std::optional<std::string> memory = probe.read_file("/proc/meminfo");
  const std::int64_t kib = 1024;
  host.memory_bytes = leading_number(field_of(memory, "/proc/meminfo", "MemTotal", ':'), kib);
  host.memory_available_bytes = leading_number(field_of(memory, "/proc/meminfo", "MemAvailable", ':'), kib);
  const Container container = read_container(probe);
  host.container = container.sign;
  host.container_kind = container.kind;
  host.job = batch_system(probe);
  const std::string release = host.kernel.value.value_or("");
  host.dxg = probe.exists("/dev/dxg");
  host.wsl = host.dxg || release.find("microsoft") != std::string::npos;
  read_tegra(probe, host);
  host.gvisor = release == "4.4.0";  // exactly: what gVisor says; a real kernel of that age adds its build
  return host;
}

}  // namespace kernelgate
