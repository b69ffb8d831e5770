#pragma once
// What works with what, as data: toolkits, least drivers, branches, GPUs, libraries, XIDs.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/version.h"
#include "harness/check/knowledge/compat_rows.h"

namespace kernelgate {

/// Immutable once read. The shipped tables are the files of harness/check/knowledge/data, with a source in every row.
class CompatDb {
 public:
  static const CompatDb& shipped();

  /// A document with some or all tables: those given replace the tables of `base`, whole.
  ///
  /// Errors  HarnessError (usage): one line that names file, table, row, field, and what is right.
  static CompatDb parse(std::string_view text, const std::string& file, const CompatDb& base = CompatDb());

  CompatDb() = default;  ///< no tables: nothing is known

  // Rows as sorted after reading: toolkits and floors newest first, the rest ascending.
  const std::vector<ToolkitDriver>& toolkits() const { return toolkits_; }
  const std::vector<MajorFloor>& floors() const { return floors_; }
  const std::vector<DriverBranch>& branches() const { return branches_; }
  const std::vector<Architecture>& architectures() const { return architectures_; }
  const std::vector<PciDevices>& pci_devices() const { return pci_devices_; }
  const std::vector<WheelIndex>& wheels() const { return wheels_; }
  const std::vector<LibrarySupport>& libraries() const { return libraries_; }
  const std::vector<BadLibrary>& bad_libraries() const { return bad_libraries_; }
  const std::vector<Xid>& xids() const { return xids_; }
  const std::vector<GvisorDriver>& gvisor_drivers() const { return gvisor_drivers_; }

  /// The driver of a toolkit's first release; nothing for a toolkit that the table lacks or a column that has
  /// none. WSL shows Windows' driver numbers, hence `windows`.
  std::optional<Version> native_floor(int cuda, bool windows) const;
  std::optional<Version> major_floor(int cuda, bool windows) const;
  std::string native_floor_text(int cuda, bool windows) const;  // "unknown" when there is none
  std::string major_floor_text(int cuda, bool windows) const;

  const DriverBranch* branch(int number) const;
  const Architecture* architecture(int compute_capability) const;
  const PciDevices* pci_device(int device_id) const;
  const Xid* xid(int number) const;

  /// Whether gVisor supports this version of the driver.
  bool gvisor_supports(const std::string& driver) const;

  /// The newest day on which one of the tables was checked; empty without tables.
  std::string as_of() const;
  std::string as_of(const std::string& table) const;
  std::string page(const std::string& table) const;

 private:
  friend struct CompatReader;
  std::string native_floor_row(int cuda, bool windows) const;
  std::string major_floor_row(int cuda, bool windows) const;

  struct TableHead {
    std::string as_of, page;
  };
  std::map<std::string, TableHead> heads_;
  std::vector<ToolkitDriver> toolkits_;
  std::vector<MajorFloor> floors_;
  std::vector<DriverBranch> branches_;
  std::vector<Architecture> architectures_;
  std::vector<PciDevices> pci_devices_;
  std::vector<WheelIndex> wheels_;
  std::vector<LibrarySupport> libraries_;
  std::vector<BadLibrary> bad_libraries_;
  std::vector<Xid> xids_;
  std::vector<GvisorDriver> gvisor_drivers_;
};

}  // namespace kernelgate
