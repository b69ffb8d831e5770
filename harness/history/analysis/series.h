#pragma once
// Many results over time as series: one a case and device, cut where the environment changed, one point a night.

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/sides/side.h"

namespace kernelgate::history {

/// What identifies where a document was measured; documents of one environment share it.
struct Environment {
  std::string device, device_kind;
  nlohmann::json fingerprint;
};

/// One case in one document.
struct CaseInDocument {
  std::string name;
  CaseStatus status = CaseStatus::measured;
  bool injected = false;
  std::string code_hash;
  std::vector<RunSummary> runs;
};

/// What history needs of one result document.
struct Document {
  std::string started_utc;
  bool complete = true;
  bool injected = false;  ///< KERNELGATE_INJECT was set
  bool dirty = false;     ///< from a build with uncommitted changes
  std::string commit;
  std::shared_ptr<const Environment> environment;
  std::vector<CaseInDocument> cases;
  std::string host = {};  ///< the machine's name; empty: not recorded, or read from a store
};

/// One night: all its process runs, of one commit.
///
/// Units  seconds; hertz.
struct Night {
  std::string night;        ///< "2026-11-25", as night_of() says
  std::string started_utc;  ///< of its first document
  std::vector<double> run_medians_s;
  std::optional<double> clock_hz;  ///< median over runs; only where all know it
  std::string commit, code_hash;   ///< of its last document
  bool dirty = false;
  std::shared_ptr<const Environment> environment;

  double median_s() const;
};

/// Nights in one environment, or in ones that differ only in what was declared.
struct Segment {
  std::vector<std::string> changes;  ///< against the segment before: "driver: 580.65.06 -> 590.10"; none: the first
  std::vector<Night> nights;
};

/// Where a declared difference was joined across.
struct JoinedChange {
  std::string night;  ///< the first in the new environment
  std::vector<std::string> changes;
};

struct Series {
  std::string device, device_kind, name;
  std::vector<Segment> segments;
  std::vector<JoinedChange> joined;
};

/// What never enters a trend, by what it is.
struct LeftOut {
  std::size_t injected = 0;     ///< cases
  std::size_t wrong = 0;        ///< cases
  std::size_t invalid = 0;      ///< cases: invalid or in error
  std::size_t skipped = 0;      ///< cases
  std::size_t interrupted = 0;  ///< documents
  std::size_t undated = 0;      ///< documents without a time
};

/// Takes documents in any order, keeps of each only what the series need.
class SeriesBuilder {
 public:
  void add(const Document& document);

  /// Sorted by device and name. `vary`: identity fields that may differ within a segment, as in compare().
  /// Errors  HarnessError(usage) when `vary` names what no environment has.
  std::vector<Series> series(const std::vector<std::string>& vary) const;

  const LeftOut& left_out() const { return left_out_; }

 private:
  struct Key {
    std::string device, device_kind, name;
    auto operator<=>(const Key&) const = default;
  };
  std::map<Key, std::vector<Night>> nights_;
  LeftOut left_out_;
};

}  // namespace kernelgate::history
