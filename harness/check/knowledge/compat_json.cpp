// The tables of what works with what: reading them. Their schema is data/compat.schema.json.
#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <sstream>

#include "harness/base/error.h"
#include "harness/base/json/strict_json.h"
#include "harness/base/printable.h"
#include "harness/base/utc_time.h"
#include "harness/check/knowledge/compat_db.h"
#include "harness/check/knowledge/embedded_texts.h"

namespace kernelgate {
namespace {

constexpr int compat_schema_version = 1;

template <class Enum>
Enum enum_of(const std::string& name, std::initializer_list<Enum> all) {
  return *std::ranges::find_if(all, [&](Enum one) { return name == to_string(one); });
}

RowOrigin read_origin(ObjectReader& row, bool needs_note) {
  RowOrigin origin;
  const std::string source = row.choice("source", {"nvidia", "quoted", "measured"});
  origin.source = source == "nvidia" ? RowSource::nvidia : source == "quoted" ? RowSource::quoted : RowSource::measured;
  origin.where = row.text("where");
  origin.as_of = row.date("as_of");
  if (needs_note && !row.has("note")) row.refuse("note", "is missing; it says why a value of this row is null");
  origin.note = row.optional_text("note");
  return origin;
}

ToolkitDriver read_row(ObjectReader& row, const ToolkitDriver*) {
  ToolkitDriver toolkit;
  toolkit.cuda = row.cuda_version("cuda");
  toolkit.patch = static_cast<int>(row.integer("patch", 0, 9999));
  toolkit.on_linux = row.version_or_null("linux");
  toolkit.on_windows = row.version_or_null("windows");
  toolkit.origin = read_origin(row, toolkit.on_linux.empty() || toolkit.on_windows.empty());
  return toolkit;
}

MajorFloor read_row(ObjectReader& row, const MajorFloor*) {
  MajorFloor floor;
  floor.major = static_cast<int>(row.integer("major", 1, 999));
  floor.on_linux = row.version_or_null("linux");
  floor.on_windows = row.version_or_null("windows");
  floor.origin = read_origin(row, floor.on_linux.empty() || floor.on_windows.empty());
  return floor;
}

DriverBranch read_row(ObjectReader& row, const DriverBranch*) {
  DriverBranch branch;
  branch.branch = static_cast<int>(row.integer("branch", 1, 99999));
  branch.native_cuda = row.cuda_version("cuda");
  const bool kind_known = !row.is_null("kind");
  if (kind_known) {
    branch.kind = enum_of(row.choice("kind", {"long_term", "production", "new_feature"}),
                          {BranchKind::long_term, BranchKind::production, BranchKind::new_feature});
  }
  branch.first_release = row.text_or_null("first_release").value_or("");
  if (!branch.first_release.empty() && !is_date(branch.first_release + "-01")) {
    row.refuse("first_release", "must be a month, \"2025-08\", or null");
  }
  branch.end_of_life = row.text_or_null("end_of_life").value_or("");
  if (!branch.end_of_life.empty() && branch.end_of_life != "ended" && !is_date(branch.end_of_life)) {
    row.refuse("end_of_life", "must be a date, \"2026-06-30\", or \"ended\" where the day is not known, or null");
  }
  branch.last_linux = row.version_or_null("last_linux");
  branch.last_windows = row.version_or_null("last_windows");
  const bool nulls = !kind_known || branch.first_release.empty() || branch.end_of_life.empty() ||
                     branch.last_linux.empty() || branch.last_windows.empty();
  branch.origin = read_origin(row, nulls);
  return branch;
}

ModuleNeed read_module(ObjectReader& row) {
  return enum_of(row.choice("module", {"proprietary", "either", "open"}),
                 {ModuleNeed::proprietary, ModuleNeed::either, ModuleNeed::open});
}

Architecture read_row(ObjectReader& row, const Architecture*) {
  Architecture architecture;
  architecture.compute_capability = row.compute_capability("cc");
  architecture.generation = row.text("generation");
  architecture.first_cuda = row.cuda_version("first_cuda");
  if (row.field("last_cuda") != "current") {
    architecture.last_cuda = row.cuda_version("last_cuda");
    if (architecture.last_cuda < architecture.first_cuda) row.refuse("last_cuda", "is older than first_cuda");
  }
  if (row.field("last_branch") != "current") {
    architecture.last_branch = static_cast<int>(row.integer("last_branch", 1, 99999));
  }
  architecture.module = read_module(row);
  bool nulls = false;
  if (row.has("least_linux") || row.has("least_windows")) {
    architecture.least_linux = row.version_or_null("least_linux");
    architecture.least_windows = row.version_or_null("least_windows");
    nulls = architecture.least_linux.empty() || architecture.least_windows.empty();
  }
  architecture.origin = read_origin(row, nulls);
  return architecture;
}

int read_device_id(ObjectReader& row, const char* name) {
  const std::string text = row.text(name);
  int id = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id, 16);
  if (text.size() != 4 || error != std::errc{} || end != text.data() + text.size()) {
    row.refuse(name, "must be four hexadecimal digits, \"2335\"");
  }
  return id;
}

PciDevices read_row(ObjectReader& row, const PciDevices*) {
  PciDevices devices;
  devices.first = read_device_id(row, "first");
  devices.last = read_device_id(row, "last");
  if (devices.last < devices.first) row.refuse("last", "is less than first");
  devices.chip = row.text("chip");
  devices.compute_capability = row.compute_capability("cc");
  const bool of_the_architecture = row.is_null("module");
  if (!of_the_architecture) devices.module = read_module(row);
  devices.origin = read_origin(row, of_the_architecture);
  return devices;
}

// "7.5 8.0 12.0+PTX": machine code for each, and PTX of the last.
void read_architectures(ObjectReader& row, WheelIndex& wheel) {
  std::istringstream words(row.text("architectures"));
  for (std::string word; words >> word;) {
    const bool ptx = word.ends_with("+PTX");
    if (ptx) word.resize(word.size() - 4);
    const std::size_t dot = word.find('.');
    int major = 0, minor = 0;
    const char* end = word.data() + word.size();
    const bool read = dot != std::string::npos &&
                      std::from_chars(word.data(), word.data() + dot, major).ptr == word.data() + dot &&
                      std::from_chars(word.data() + dot + 1, end, minor).ptr == end;
    if (!read || major < 1 || minor > 9) {
      row.refuse("architectures", "must be compute capabilities with spaces between, \"8.0 9.0 12.0+PTX\"");
    }
    wheel.machine_code.push_back(major * 10 + minor);
    if (ptx) wheel.ptx = major * 10 + minor;
  }
}

WheelIndex read_row(ObjectReader& row, const WheelIndex*) {
  WheelIndex wheel;
  wheel.framework = row.text("framework");
  wheel.index = row.text("index");
  wheel.cuda = row.cuda_version("cuda");
  read_architectures(row, wheel);
  wheel.first = row.version("first");
  if (row.field("last") != "current") wheel.last = row.version("last");
  wheel.python = row.version("python");
  wheel.install = row.text("install");
  wheel.origin = read_origin(row, false);
  return wheel;
}

LibrarySupport read_row(ObjectReader& row, const LibrarySupport*) {
  LibrarySupport support;
  support.library = row.choice("library", {"cublas", "cudart", "cudnn"});
  support.first = row.version("first");
  if (row.field("last") != "current") {
    support.last = row.version("last");
    if (Version::parse(support.last) < Version::parse(support.first)) row.refuse("last", "is older than first");
  }
  support.first_cuda = row.cuda_version("first_cuda");
  support.last_cuda = row.cuda_version("last_cuda");
  support.least_linux = row.version_or_null("least_linux");
  support.least_windows = row.version_or_null("least_windows");
  support.first_cc = row.compute_capability("first_cc");
  support.last_cc = row.compute_capability("last_cc");
  support.origin = read_origin(row, support.least_linux.empty() || support.least_windows.empty());
  return support;
}

BadLibrary read_row(ObjectReader& row, const BadLibrary*) {
  BadLibrary bad;
  bad.id = row.text("id");
  bad.library = row.choice("library", {"cublas", "cudart", "cudnn"});
  bad.first = row.version("first");
  bad.before = row.version("before");
  if (!row.is_null("with")) {
    ObjectReader with(row.field("with"), row.where() + ", with");
    bad.with = PairedLibrary{with.choice("library", {"cublas", "cudart", "cudnn"}), with.version("first"),
                             with.version_or_null("before")};
    with.finish();
  }
  const bool any_gpu = row.is_null("first_cc");
  if (any_gpu != row.is_null("last_cc")) row.refuse("last_cc", "must be null exactly when first_cc is");
  if (!any_gpu) {
    bad.first_cc = row.compute_capability("first_cc");
    bad.last_cc = row.compute_capability("last_cc");
  }
  bad.least_gpus = static_cast<int>(row.integer("least_gpus", 1, 1024));
  bad.effect = row.text("effect");
  bad.remedy = row.text("remedy");
  bad.origin = read_origin(row, any_gpu || !bad.with || bad.with->before.empty());
  return bad;
}

Xid read_row(ObjectReader& row, const Xid*) {
  Xid xid;
  xid.xid = static_cast<int>(row.integer("xid", 1, 9999));
  xid.kind = enum_of(row.choice("class", {"application", "contained_memory", "reset_gpu", "restart_machine", "ecc",
                                          "power", "nvlink", "info"}),
                     {XidClass::application, XidClass::contained_memory, XidClass::reset_gpu, XidClass::restart_machine,
                      XidClass::ecc, XidClass::power, XidClass::nvlink, XidClass::info});
  xid.text = row.text("text");
  xid.action = row.text("action");
  xid.origin = read_origin(row, false);
  return xid;
}

GvisorDriver read_row(ObjectReader& row, const GvisorDriver*) {
  GvisorDriver driver;
  driver.driver = row.version("driver");
  driver.origin = read_origin(row, false);
  return driver;
}

// What tells rows of one table apart, and orders them.
auto key_of(const ToolkitDriver& row) { return std::pair(-row.cuda, -row.patch); }
auto key_of(const MajorFloor& row) { return -row.major; }
auto key_of(const DriverBranch& row) { return row.branch; }
auto key_of(const Architecture& row) { return row.compute_capability; }
auto key_of(const PciDevices& row) { return row.first; }
auto key_of(const WheelIndex& row) { return std::pair(row.framework, row.cuda); }
auto key_of(const LibrarySupport& row) { return std::tuple(row.library, row.first, row.first_cuda); }
auto key_of(const BadLibrary& row) { return row.id; }
auto key_of(const Xid& row) { return row.xid; }
auto key_of(const GvisorDriver& row) { return row.driver; }

}  // namespace

struct CompatReader {
  CompatDb& db;
  const nlohmann::json& document;
  std::string file;
  int found = 0;

  template <class Row>
  void read_table(ObjectReader& all, const char* name, std::vector<Row> CompatDb::*rows) {
    if (!all.has(name)) return;
    ++found;
    const std::string where = file + ": " + name;
    ObjectReader table(all.field(name), where);
    const CompatDb::TableHead head{table.date("as_of"), table.text("page")};
    std::vector<Row> read;
    std::map<decltype(key_of(Row{})), int> known;
    int number = 0;
    for (const nlohmann::json& json : table.list("rows")) {
      ObjectReader row(json, fmt::format("{}, row {}", where, ++number));
      read.push_back(read_row(row, static_cast<const Row*>(nullptr)));
      row.finish();
      if (read.back().origin.as_of > head.as_of) row.refuse("as_of", "is later than the table's own as_of");
      const auto [twin, is_new] = known.emplace(key_of(read.back()), number);
      if (!is_new) {
        throw HarnessError(ExitCode::usage,
                           fmt::format("{}: is of the same thing as row {}; keep one", row.where(), twin->second));
      }
    }
    table.finish();
    std::ranges::stable_sort(read, [](const Row& a, const Row& b) { return key_of(a) < key_of(b); });
    db.*rows = std::move(read);
    db.heads_[name] = head;
  }

  void read() {
    ObjectReader all(document, file);
    if (all.integer("schema_version", 0, 1 << 30) != compat_schema_version) {
      all.refuse("schema_version", fmt::format("must be {}; this program reads no other", compat_schema_version));
    }
    read_table(all, "toolkits", &CompatDb::toolkits_);
    read_table(all, "floors", &CompatDb::floors_);
    read_table(all, "branches", &CompatDb::branches_);
    read_table(all, "architectures", &CompatDb::architectures_);
    read_table(all, "pci_devices", &CompatDb::pci_devices_);
    read_table(all, "wheels", &CompatDb::wheels_);
    read_table(all, "libraries", &CompatDb::libraries_);
    read_table(all, "bad_libraries", &CompatDb::bad_libraries_);
    read_table(all, "xids", &CompatDb::xids_);
    read_table(all, "gvisor_drivers", &CompatDb::gvisor_drivers_);
    all.finish();
    if (found == 0) {
      throw HarnessError(ExitCode::usage, file + ": has no table; name one of those in compat.schema.json");
    }
  }
};

CompatDb CompatDb::parse(std::string_view text, const std::string& file, const CompatDb& base) {
  CompatDb db = base;
  const nlohmann::json document = parse_strict_json(text, file);
  CompatReader{db, document, printable(file, 120)}.read();
  return db;
}

const CompatDb& CompatDb::shipped() {
  static const CompatDb db = [] {
    CompatDb all;
    for (const EmbeddedText& one : compat_texts()) all = parse(one.text, std::string(one.name) + ".json", all);
    return all;
  }();
  return db;
}

}  // namespace kernelgate
