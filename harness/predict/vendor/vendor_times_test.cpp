// What comes with the program is what docs/gpu_figures.md has.

#include "harness/predict/vendor/vendor_times.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "harness/base/error.h"
#include "harness/base/paths_for_test.h"

namespace kernelgate::predict {
namespace {

/// The cells of a GPU's table, by problem.
std::vector<std::vector<std::string>> rows_of(const std::string& heading) {
  std::ifstream page(source_folder() / "docs/gpu_figures.md");
  std::vector<std::vector<std::string>> rows;
  bool inside = false;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("## ")) inside = line == "## " + heading;
    if (!inside || !line.starts_with("| ") || line.find('/') == std::string::npos) continue;
    std::vector<std::string> cells;
    for (std::size_t at = 2; at < line.size();) {
      const std::size_t end = std::min(line.find(" |", at), line.size());
      cells.push_back(line.substr(at, end - at));
      at = end + 3;
    }
    if (cells.size() == 7) rows.push_back(cells);
  }
  return rows;
}

TEST(VendorTimes, AreThoseOfThePage) {
  for (const auto& [gpu, heading] : {std::pair("h200-sxm", "H200"), std::pair("h100-sxm", "H100")}) {
    const auto stored = vendor_times(gpu);
    ASSERT_TRUE(stored);
    const auto rows = rows_of(heading);
    const auto ours = std::ranges::count(stored->times, "", &VendorTime::source);
    ASSERT_EQ(static_cast<std::ptrdiff_t>(rows.size()), ours) << gpu;
    for (const auto& cells : rows) {
      const VendorTime* one = stored->find(cells[0]);
      ASSERT_NE(one, nullptr) << cells[0];
      EXPECT_EQ(fmt::format("{:g} ({})", one->cold_s * 1e6, one->cold_by), cells[2]) << cells[0];
      EXPECT_EQ(fmt::format("{:g} ({})", one->hot_s * 1e6, one->hot_by), cells[5]) << cells[0];
    }
  }
}

TEST(VendorTimes, NobodyHasMeasuredOthers) { EXPECT_FALSE(vendor_times("rtx4090")); }

VendorTimes of_row(const std::string& row) {
  return parse_vendor_times(
      R"({"gpu": "x", "measured": "2026-01-01", "on": "y", "source": "z", "rows": [{"problem": "p", )" + row + "}]}",
      "x.json");
}

TEST(VendorTimes, RefusesATimeThatIsNone) {
  EXPECT_THROW(of_row(R"("cold_us": 0, "cold_by": "a", "hot_us": 1, "hot_by": "a")"), HarnessError);
  EXPECT_THROW(of_row(R"("hot_us": 1, "hot_by": "a")"), HarnessError) << "we measure both";
  EXPECT_THROW(of_row(R"("source": "a page, 2026-01-01")"), HarnessError) << "neither";
}

TEST(VendorTimes, OthersPublishOneOfTheTwo) {
  const VendorTime one = of_row(R"("source": "a page, 2026-01-01", "hot_us": 2, "hot_by": "a")").times.at(0);
  EXPECT_EQ(one.cold_s, 0);
  EXPECT_EQ(one.hot_s, 2e-6);
  EXPECT_EQ(one.cold_by, "");
  EXPECT_EQ(one.source, "a page, 2026-01-01");
}

}  // namespace
}  // namespace kernelgate::predict
