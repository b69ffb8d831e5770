#pragma once
// A stored baseline for people and for programs.

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "harness/baseline/baseline.h"

namespace kernelgate {

/// One line.
std::string list_line(const Baseline& baseline, const std::string& now_utc);

/// One row of `baseline list --json`.
nlohmann::json list_json(const Baseline& baseline, const std::string& now_utc);

/// All of it, for programs.
nlohmann::json show_json(const Baseline& baseline, const std::string& now_utc, const std::string& samples_trouble);

/// All of it. `samples_trouble`: as read_samples gives it.
std::string show_text(const Baseline& baseline, const std::string& now_utc, const std::string& samples_trouble);

/// The commands that build the program again that measured it; empty where its commit is not known.
std::string rebuild_recipe(const nlohmann::json& build);

}  // namespace kernelgate
