// What works with what, as data. Compiled 2026-11-22.
#include "harness/environment/thresholds.h"

#include <algorithm>

namespace kernelgate {
namespace {

// CUDA release notes, table "CUDA Toolkit and Corresponding Driver Versions", as of 13.2 update 2; 13.3 and
// 13.4 from libraries' release notes that quote it. From 13.0 on NVIDIA gives no number for Windows.
// There was no CUDA 12.7. For 10.x the third number is the toolkit's build.
constexpr ToolkitDriver toolkit_table[] = {
    {13040, 1, "615.0", "", RowSource::quoted},  // only the branch is known, not the exact number
    {13030, 1, "610.43.02", "", RowSource::quoted},
    {13030, 0, "610.43.02", "", RowSource::quoted},
    {13020, 2, "595.71.05", "", RowSource::nvidia},
    {13020, 1, "595.58.03", "", RowSource::nvidia},
    {13020, 0, "595.45.04", "", RowSource::nvidia},
    {13010, 1, "590.48.01", "", RowSource::nvidia},
    {13010, 0, "590.44.01", "", RowSource::nvidia},
    {13000, 2, "580.95.05", "", RowSource::nvidia},
    {13000, 1, "580.82.07", "", RowSource::nvidia},
    {13000, 0, "580.65.06", "", RowSource::nvidia},
    {12090, 1, "575.57.08", "576.57", RowSource::nvidia},
    {12090, 0, "575.51.03", "576.02", RowSource::nvidia},
    {12080, 1, "570.124.06", "572.61", RowSource::nvidia},
    {12080, 0, "570.26", "570.65", RowSource::nvidia},
    {12060, 3, "560.35.05", "561.17", RowSource::nvidia},
    {12060, 2, "560.35.03", "560.94", RowSource::nvidia},
    {12060, 1, "560.35.03", "560.94", RowSource::nvidia},
    {12060, 0, "560.28.03", "560.76", RowSource::nvidia},
    {12050, 1, "555.42.06", "555.85", RowSource::nvidia},
    {12050, 0, "555.42.02", "555.85", RowSource::nvidia},
    {12040, 1, "550.54.15", "551.78", RowSource::nvidia},
    {12040, 0, "550.54.14", "551.61", RowSource::nvidia},
    {12030, 1, "545.23.08", "546.12", RowSource::nvidia},
    {12030, 0, "545.23.06", "545.84", RowSource::nvidia},
    {12020, 2, "535.104.05", "537.13", RowSource::nvidia},
    {12020, 1, "535.86.09", "536.67", RowSource::nvidia},
    {12020, 0, "535.54.03", "536.25", RowSource::nvidia},
    {12010, 1, "530.30.02", "531.14", RowSource::nvidia},
    {12010, 0, "530.30.02", "531.14", RowSource::nvidia},
    {12000, 1, "525.85.12", "528.33", RowSource::nvidia},
    {12000, 0, "525.60.13", "527.41", RowSource::nvidia},
    {11080, 0, "520.61.05", "520.06", RowSource::nvidia},
    {11070, 1, "515.48.07", "516.31", RowSource::nvidia},
    {11070, 0, "515.43.04", "516.01", RowSource::nvidia},
    {11060, 2, "510.47.03", "511.65", RowSource::nvidia},
    {11060, 1, "510.47.03", "511.65", RowSource::nvidia},
    {11060, 0, "510.39.01", "511.23", RowSource::nvidia},
    {11050, 2, "495.29.05", "496.13", RowSource::nvidia},
    {11050, 1, "495.29.05", "496.13", RowSource::nvidia},
    {11050, 0, "495.29.05", "496.04", RowSource::nvidia},
    {11040, 4, "470.82.01", "472.50", RowSource::nvidia},
    {11040, 3, "470.82.01", "472.50", RowSource::nvidia},
    {11040, 2, "470.57.02", "471.41", RowSource::nvidia},
    {11040, 1, "470.57.02", "471.41", RowSource::nvidia},
    {11040, 0, "470.42.01", "471.11", RowSource::nvidia},
    {11030, 1, "465.19.01", "465.89", RowSource::nvidia},
    {11030, 0, "465.19.01", "465.89", RowSource::nvidia},
    {11020, 2, "460.32.03", "461.33", RowSource::nvidia},
    {11020, 1, "460.32.03", "461.09", RowSource::nvidia},
    {11020, 0, "460.27.03", "460.82", RowSource::nvidia},
    {11010, 1, "455.32", "456.81", RowSource::nvidia},
    {11010, 0, "455.23", "456.38", RowSource::nvidia},
    {11000, 3, "450.51.06", "451.82", RowSource::nvidia},
    {11000, 2, "450.51.05", "451.48", RowSource::nvidia},
    {10020, 89, "440.33", "441.22", RowSource::nvidia},
    {10010, 105, "418.39", "418.96", RowSource::nvidia},
    {10000, 130, "410.48", "411.31", RowSource::nvidia},
};

// docs.nvidia.com/deploy/cuda-compatibility/minor-version-compatibility.html. Before CUDA 11 each minor
// version needed its own driver. The upper ends that the page gives bound the definition, not the driver:
// a newer driver runs older programs always.
constexpr MajorFloor floor_table[] = {
    {13, "580.65.06", "", RowSource::nvidia},
    {12, "525.60.13", "527.41", RowSource::nvidia},
    {11, "450.80.02", "452.39", RowSource::nvidia},
};

// docs.nvidia.com/datacenter/tesla/drivers/615 (2026-09-09); older branches from endoflife.date.
// A month stands for its last day, a range for its end. R580's end has also been given as August 2028; the newer page
// is used.
constexpr DriverBranch branch_table[] = {
    {450, 11000, BranchKind::long_term, "2023-07-31", RowSource::quoted},
    {455, 11010, BranchKind::new_feature, "2022-04-30", RowSource::quoted},
    {460, 11020, BranchKind::production, "2022-04-30", RowSource::quoted},
    {465, 11030, BranchKind::new_feature, "2022-04-30", RowSource::quoted},
    {470, 11040, BranchKind::long_term, "2024-07-31", RowSource::quoted},
    {495, 11050, BranchKind::new_feature, "2023-10-31", RowSource::quoted},
    {510, 11060, BranchKind::production, "2023-10-31", RowSource::quoted},
    {515, 11070, BranchKind::production, "2023-10-31", RowSource::quoted},
    {520, 11080, BranchKind::new_feature, "2023-10-31", RowSource::quoted},
    {525, 12000, BranchKind::production, "2023-12-31", RowSource::quoted},
    {530, 12010, BranchKind::new_feature, "2023-06-30", RowSource::quoted},
    {535, 12020, BranchKind::long_term, "2026-06-30", RowSource::nvidia},
    {545, 12030, BranchKind::new_feature, "2024-10-31", RowSource::quoted},
    {550, 12040, BranchKind::production, "2025-04-30", RowSource::quoted},
    {555, 12050, BranchKind::new_feature, "ended", RowSource::quoted},
    {560, 12060, BranchKind::production, "ended", RowSource::nvidia},
    {565, 12070, BranchKind::unknown, "ended", RowSource::nvidia},  // sources differ on its kind
    {570, 12080, BranchKind::production, "2026-02-28", RowSource::nvidia},
    {575, 12090, BranchKind::new_feature, "ended", RowSource::nvidia},
    {580, 13000, BranchKind::long_term, "2028-06-30", RowSource::nvidia},
    {590, 13010, BranchKind::new_feature, "", RowSource::quoted},  // no longer on NVIDIA's table, no date either
    {595, 13020, BranchKind::production, "2027-03-31", RowSource::nvidia},
    {610, 13030, BranchKind::new_feature, "2026-08-31", RowSource::nvidia},
    {615, 13040, BranchKind::unknown, "", RowSource::quoted},
};

// CMake's CMakeCUDAArchitecturesAll, NVIDIA's architecture matrix, and `nvcc --list-gpu-arch` of 13.0.88.
// Thor was sm_101 in CUDA 12.8 and 12.9 and is sm_110 since 13.0. 10.7 is quoted only.
constexpr Architecture architecture_table[] = {
    {30, "Kepler", 6000, 10020, 470, RowSource::nvidia},
    {35, "Kepler", 6000, 11080, 470, RowSource::nvidia},
    {37, "Kepler", 6000, 11080, 470, RowSource::nvidia},
    {50, "Maxwell", 6050, 12090, 580, RowSource::nvidia},
    {52, "Maxwell", 7000, 12090, 580, RowSource::nvidia},
    {53, "Maxwell", 7000, 12090, 580, RowSource::nvidia},
    {60, "Pascal", 8000, 12090, 580, RowSource::nvidia},
    {61, "Pascal", 8000, 12090, 580, RowSource::nvidia},
    {62, "Pascal", 8000, 12090, 580, RowSource::nvidia},
    {70, "Volta", 9000, 12090, 580, RowSource::nvidia},
    {72, "Volta", 9000, 12090, 580, RowSource::nvidia},
    {75, "Turing", 10000, 0, 0, RowSource::nvidia},
    {80, "Ampere", 11000, 0, 0, RowSource::nvidia},
    {86, "Ampere", 11010, 0, 0, RowSource::nvidia},
    {87, "Ampere (Orin)", 11040, 0, 0, RowSource::nvidia},
    {88, "Ampere", 13000, 0, 0, RowSource::measured},
    {89, "Ada", 11080, 0, 0, RowSource::nvidia},
    {90, "Hopper", 11080, 0, 0, RowSource::nvidia},
    {100, "Blackwell", 12080, 0, 0, RowSource::nvidia},
    {101, "Blackwell (Thor)", 12080, 12090, 0, RowSource::nvidia},
    {103, "Blackwell Ultra", 12090, 0, 0, RowSource::nvidia},
    {107, "Rubin", 13040, 0, 0, RowSource::quoted},
    {110, "Blackwell (Thor)", 13000, 0, 0, RowSource::nvidia},
    {120, "Blackwell RTX", 12080, 0, 0, RowSource::nvidia},
    {121, "Blackwell (GB10)", 12090, 0, 0, RowSource::nvidia},
};

// The first release of a toolkit: the program knows its toolkit only to the minor version.
const char* native_floor_row(int cuda, bool windows) {
  const char* found = "";
  int least_patch = -1;
  for (const ToolkitDriver& row : toolkit_table) {
    if (row.cuda != cuda || (least_patch >= 0 && row.patch > least_patch)) continue;
    least_patch = row.patch;
    found = windows ? row.on_windows : row.on_linux;
  }
  return found;
}

const char* major_floor_row(int cuda, bool windows) {
  for (const MajorFloor& row : floor_table) {
    if (row.major == cuda / 1000) return windows ? row.on_windows : row.on_linux;
  }
  return "";
}

std::string text_or_unknown(const char* version) { return *version ? version : "unknown"; }

}  // namespace

std::span<const ToolkitDriver> toolkit_drivers() { return toolkit_table; }
std::span<const MajorFloor> major_floors() { return floor_table; }
std::span<const DriverBranch> driver_branches() { return branch_table; }
std::span<const Architecture> architectures() { return architecture_table; }

const char* page_of_toolkits() { return "docs.nvidia.com/cuda/cuda-toolkit-release-notes"; }
const char* page_of_branches() {
  return "docs.nvidia.com/datacenter/tesla/drivers/615/supported-drivers-and-cuda-toolkit-versions.html";
}
const char* page_of_compatibility() {
  return "docs.nvidia.com/deploy/cuda-compatibility/minor-version-compatibility.html";
}

std::optional<Version> native_floor(int cuda, bool windows) { return Version::parse(native_floor_row(cuda, windows)); }
std::optional<Version> major_floor(int cuda, bool windows) { return Version::parse(major_floor_row(cuda, windows)); }
std::string native_floor_text(int cuda, bool windows) { return text_or_unknown(native_floor_row(cuda, windows)); }
std::string major_floor_text(int cuda, bool windows) { return text_or_unknown(major_floor_row(cuda, windows)); }

const DriverBranch* find_branch(int branch) {
  const auto found = std::ranges::find(branch_table, branch, &DriverBranch::branch);
  return found == std::end(branch_table) ? nullptr : found;
}

const Architecture* find_architecture(int compute_capability) {
  const auto found = std::ranges::find(architecture_table, compute_capability, &Architecture::compute_capability);
  return found == std::end(architecture_table) ? nullptr : found;
}

}  // namespace kernelgate
