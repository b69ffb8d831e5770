#include "bench/run/state_folder.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>

namespace kernelgate {
namespace {

std::filesystem::path named_by(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr ? value : "";
}

std::filesystem::path home() {
  std::filesystem::path named = named_by("HOME");
  if (!named.empty()) return named;
  const passwd* entry = ::getpwuid(::geteuid());
  return entry != nullptr && entry->pw_dir != nullptr ? entry->pw_dir : "";
}

}  // namespace

std::filesystem::path state_folder() {
  if (auto named = named_by("KERNELGATE_STATE"); !named.empty()) return named;
  if (const auto states = named_by("XDG_STATE_HOME"); states.is_absolute()) return states / "kernelgate";
  const auto at_home = home();
  return at_home.empty() ? at_home : at_home / ".local" / "state" / "kernelgate";
}

}  // namespace kernelgate
