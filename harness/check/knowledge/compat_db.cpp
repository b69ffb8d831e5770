// What works with what: looking it up.
#include "harness/check/knowledge/compat_db.h"

#include <algorithm>

namespace kernelgate {
namespace {

std::string text_or_unknown(const std::string& version) { return version.empty() ? "unknown" : version; }

template <class Row, class Key>
const Row* find_row(const std::vector<Row>& rows, Key Row::*key, int wanted) {
  const auto found = std::ranges::find(rows, wanted, key);
  return found == rows.end() ? nullptr : &*found;
}

}  // namespace

const char* to_string(BranchKind kind) {
  switch (kind) {
    case BranchKind::long_term:
      return "long_term";
    case BranchKind::production:
      return "production";
    case BranchKind::new_feature:
      return "new_feature";
    case BranchKind::unknown:
      break;
  }
  return "of unknown kind";
}

const char* to_string(ModuleNeed need) {
  switch (need) {
    case ModuleNeed::proprietary:
      return "proprietary";
    case ModuleNeed::open:
      return "open";
    case ModuleNeed::either:
      break;
  }
  return "either";
}

const char* to_string(XidClass kind) {
  switch (kind) {
    case XidClass::application:
      return "application";
    case XidClass::contained_memory:
      return "contained_memory";
    case XidClass::reset_gpu:
      return "reset_gpu";
    case XidClass::restart_machine:
      return "restart_machine";
    case XidClass::ecc:
      return "ecc";
    case XidClass::power:
      return "power";
    case XidClass::nvlink:
      return "nvlink";
    case XidClass::info:
      break;
  }
  return "info";
}

// The first release of a toolkit: a program knows its toolkit only to the minor version.
std::string CompatDb::native_floor_row(int cuda, bool windows) const {
  const ToolkitDriver* first = nullptr;
  for (const ToolkitDriver& row : toolkits_) {
    if (row.cuda == cuda && (!first || row.patch < first->patch)) first = &row;
  }
  if (!first) return "";
  return windows ? first->on_windows : first->on_linux;
}

std::string CompatDb::major_floor_row(int cuda, bool windows) const {
  const MajorFloor* row = find_row(floors_, &MajorFloor::major, cuda / 1000);
  if (!row) return "";
  return windows ? row->on_windows : row->on_linux;
}

std::optional<Version> CompatDb::native_floor(int cuda, bool windows) const {
  return Version::parse(native_floor_row(cuda, windows));
}

std::optional<Version> CompatDb::major_floor(int cuda, bool windows) const {
  return Version::parse(major_floor_row(cuda, windows));
}

std::string CompatDb::native_floor_text(int cuda, bool windows) const {
  return text_or_unknown(native_floor_row(cuda, windows));
}

std::string CompatDb::major_floor_text(int cuda, bool windows) const {
  return text_or_unknown(major_floor_row(cuda, windows));
}

const DriverBranch* CompatDb::branch(int number) const { return find_row(branches_, &DriverBranch::branch, number); }

const Architecture* CompatDb::architecture(int compute_capability) const {
  return find_row(architectures_, &Architecture::compute_capability, compute_capability);
}

const PciDevices* CompatDb::pci_device(int device_id) const {
  const auto found = std::ranges::find_if(
      pci_devices_, [&](const PciDevices& row) { return device_id >= row.first && device_id <= row.last; });
  return found == pci_devices_.end() ? nullptr : &*found;
}

const Xid* CompatDb::xid(int number) const { return find_row(xids_, &Xid::xid, number); }

bool CompatDb::gvisor_supports(const std::string& driver) const {
  return std::ranges::count(gvisor_drivers_, driver, &GvisorDriver::driver) > 0;
}

std::string CompatDb::as_of(const std::string& table) const {
  const auto found = heads_.find(table);
  return found == heads_.end() ? "" : found->second.as_of;
}

std::string CompatDb::as_of() const {
  std::string newest;
  for (const auto& [table, head] : heads_) newest = std::max(newest, head.as_of);
  return newest;
}

std::string CompatDb::page(const std::string& table) const {
  const auto head = heads_.find(table);
  return head == heads_.end() ? "" : head->second.page;
}

}  // namespace kernelgate
