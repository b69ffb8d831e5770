// What the kernel's driver wrote into the kernel log.
#include "harness/check/machine/kernel_log.h"

#include <algorithm>
#include <sstream>

#include "harness/base/printable.h"

namespace kernelgate {
namespace {

constexpr std::size_t most_lines = 40;

bool of_the_driver(const std::string& line) {
  if (line.find("NVRM") != std::string::npos) return true;
  // "nvidia: Loading of module with unavailable key is rejected", "nvidia: version magic '6.8.0' should be '6.11.0'"
  // "Lockdown: modprobe: unsigned module loading is restricted", which names no module
  if (line.find("unsigned module loading is restricted") != std::string::npos) return true;
  return line.find("nvidia") != std::string::npos &&
         (line.find("key is rejected") != std::string::npos || line.find("version magic") != std::string::npos ||
          line.find("disagrees about version") != std::string::npos);
}

// From the first word that is the driver's: before it stand times and names, of another shape in each file.
std::string without_stamp(const std::string& line) {
  const std::size_t nvrm = line.find("NVRM"), module = line.find("nvidia"), lockdown = line.find("Lockdown");
  const std::size_t at = nvrm != std::string::npos ? nvrm : std::min(module, lockdown);
  return printable(line.substr(std::min(at, line.size())), 240);
}

}  // namespace

std::vector<std::string> read_driver_log(const Probe& probe) {
  std::vector<std::string> lines;
  std::istringstream log(probe.kernel_log());
  for (std::string line; std::getline(log, line);) {
    // A file of days holds several boots; each begins so.
    if (line.find("Linux version ") != std::string::npos) lines.clear();
    if (of_the_driver(line)) lines.push_back(without_stamp(line));
  }
  if (lines.size() > most_lines) lines.erase(lines.begin(), lines.end() - most_lines);
  return lines;
}

}  // namespace kernelgate
