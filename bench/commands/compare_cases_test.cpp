// compare through the program, on small files of other tools as they were found: each stands for a kind.

#include <filesystem>

#include "bench/commands/program_for_test.h"

namespace kernelgate {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

class CompareCases : public ProgramTest {
 protected:
  static std::string file(const std::string& name) {
    return (source_folder() / "bench/commands/testdata/compare" / name).string();
  }
  /// The document of a comparison that ended with the code.
  json compared(int code, const std::string& base, const std::string& fresh, const std::string& options = "") {
    EXPECT_EQ(run(fmt::format("compare --json {} '{}' '{}'", options, base, fresh)), code) << err_ << out_;
    return out_.empty() ? json() : json::parse(out_);
  }
  static json case_of(const json& comparison, const std::string& name) {
    for (const json& one : comparison.at("cases"))
      if (one.at("name") == name) return one;
    ADD_FAILURE() << "no case " << name << " in " << comparison.at("cases");
    return {};
  }
  /// So many benchmarks, each repeated ten times, one scaled by `factor`.
  void write_suite(const std::string& name, int count, double factor) const {
    json entries = json::array();
    for (int k = 0; k < count; ++k)
      for (int i = 0; i < 10; ++i) {
        const std::string benchmark = fmt::format("BM_{:02}", k);
        entries.push_back({{"name", benchmark},
                           {"family_index", k},
                           {"per_family_instance_index", 0},
                           {"run_name", benchmark},
                           {"run_type", "iteration"},
                           {"repetitions", 10},
                           {"repetition_index", i},
                           {"iterations", 1000},
                           {"real_time", factor * (50 + k) * (1 + 0.001 * ((7 * i + k) % 10))},
                           {"cpu_time", 1.0},
                           {"time_unit", "ns"}});
      }
    write(name, json{{"context", {{"num_cpus", 4}, {"host_name", "ci"}}}, {"benchmarks", entries}}.dump());
  }
};

TEST_F(CompareCases, RowsOfOldFilesThatAreNoMeasurements) {
  const json found =
      compared(0, file("gb_old_complexity/base.json"), file("gb_old_complexity/new.json"), "--class own");
  EXPECT_EQ(found["cases"].size(), 3U);
  EXPECT_EQ(case_of(found, "BM_Other")["verdict"], "POSSIBLE") << "one value a side proves nothing";
  EXPECT_EQ(case_of(found, "BM_Find/8")["verdict"], "INCONCLUSIVE") << "one value shows no equality";
}

TEST_F(CompareCases, OneNewCaseOfAggregatesAlone) {
  const json found =
      compared(0, file("gb_one_aggregates_only_added/base.json"), file("gb_one_aggregates_only_added/new.json"));
  EXPECT_TRUE(found["differences"].empty());
  std::map<std::string, int> verdicts;
  for (const json& one : found["cases"]) ++verdicts[one["verdict"]];
  EXPECT_EQ(verdicts["NO_BASELINE"], 1);
  EXPECT_EQ(verdicts["NOT_COMPARABLE"], 0);
  EXPECT_FALSE(case_of(found, "BM_A")["ratio"].is_null());
}

TEST_F(CompareCases, ALoopThatDidNothing) {
  const json found = compared(6, file("gb_did_nothing/base.json"), file("gb_did_nothing/new.json"));
  const json nothing = case_of(found, "db (97.66MB)");
  EXPECT_EQ(nothing["verdict"], "INVALID");
  EXPECT_THAT(nothing["reason"].get<std::string>(), HasSubstr("less than a clock cycle: the loop did nothing"));
  EXPECT_FALSE(case_of(found, "BM_Read")["ratio"].is_null());
  EXPECT_EQ(run(fmt::format("compare '{}' '{}'", file("gb_did_nothing/base.json"), file("gb_did_nothing/new.json"))),
            6);
  EXPECT_THAT(out_, Not(HasSubstr("0.000 ns")));
}

TEST_F(CompareCases, ControlCharactersAreShown) {
  for (const char* form : {"", "--markdown "}) {
    EXPECT_EQ(run(fmt::format("compare --class own {}'{}' '{}'", form, file("gb_control_characters/base.json"),
                              file("gb_control_characters/new.json"))),
              0)
        << "one value a side";
    EXPECT_EQ(out_.find_first_of("\x1b\x07\r"), std::string::npos);
    EXPECT_THAT(out_, HasSubstr("\xe6\x97\xa5\xe6\x9c\xac")) << "letters are letters";
    EXPECT_THAT(out_, Not(HasSubstr("\nSAME|x`y")));
    EXPECT_THAT(out_, Not(HasSubstr("\nverdicts: 1 SAME\n")));
  }
}

TEST_F(CompareCases, ACounterNamedLikeAField) {
  const std::string base = file("gb_counter_named_threads/base.json");
  const json found = compared(0, base, base);
  EXPECT_EQ(found["cases"].size(), 2U);
  EXPECT_EQ(case_of(found, "BM_A")["ratio"], 1);
}

TEST_F(CompareCases, WhatCantBeUsedSaysWhatToDo) {
  const std::string merged = file("gb_merged_runs/base.json"), listed = file("gb_list_output/base.json");
  expect_refusal(1, fmt::format("compare '{0}' '{0}'", merged),
                 "give each run a file of its own (run1.json,run2.json)");
  expect_refusal(1, fmt::format("compare '{0}' '{0}'", listed), "holds no times, as --benchmark_list_tests writes it");
}

TEST_F(CompareCases, AGpuIsNoNumber) {
  const json found = compared(0, file("nv_same_gpu_other_number/base.json"), file("nv_same_gpu_other_number/new.json"));
  EXPECT_TRUE(found["differences"].empty());
  ASSERT_EQ(found["cases"].size(), 1U);
  EXPECT_EQ(found["cases"][0]["ratio"], 1);
}

TEST_F(CompareCases, AStateOfTheCpuAloneIsSkipped) {
  for (const char* base : {"nv_cpu_only_mixed/base.json", "nv_cpu_only_mixed/null.json"}) {
    const json found = compared(3, file(base), file("nv_cpu_only_mixed/new.json"));
    EXPECT_EQ(case_of(found, "gpu N=1")["verdict"], "SLOWER");
    EXPECT_EQ(case_of(found, "cpu N=1")["verdict"], "SKIPPED");
  }
}

TEST_F(CompareCases, SamplesNamedOnWindows) {
  const std::string base = file("nv_jsonbin_windows/win.json");
  const json found = compared(0, base, base);
  ASSERT_EQ(found["cases"].size(), 1U);
  EXPECT_EQ(found["cases"][0]["ratio"], 1);
  EXPECT_NE(found["cases"][0]["verdict"], "INVALID");
}

TEST_F(CompareCases, OneStateWithoutQuartiles) {
  const std::string base = file("nv_one_state_no_quartiles/base.json"),
                    fresh = file("nv_one_state_no_quartiles/new.json");
  const json found = compared(0, base, fresh);
  EXPECT_TRUE(found["differences"].empty());
  EXPECT_EQ(case_of(found, "copy N=1")["ratio"], 1);
  EXPECT_EQ(case_of(found, "copy N=2")["ratio"], 1);
  EXPECT_EQ(case_of(found, "copy N=3")["verdict"], "NO_BASELINE");
  // The other way round it is missing, and only that one.
  EXPECT_EQ(case_of(compared(5, fresh, base), "copy N=3")["verdict"], "NOT_COMPARABLE");
}

TEST_F(CompareCases, AWholeSuiteThatMovedIsSaidOnce) {
  write_suite("base.json", 40, 1);
  write_suite("new.json", 40, 1.12);
  EXPECT_EQ(run("compare base.json new.json"), 0) << "on a shared machine, which may have moved";
  EXPECT_THAT(out_, HasSubstr("\nSUITE_SHIFT: the whole suite moved together: 40 of 40 cases took +12.0 %"));
  EXPECT_EQ(run("compare --class own base.json new.json"), 3);
  EXPECT_THAT(out_, HasSubstr("\nSUITE_SHIFT: the whole suite moved together: 40 of 40 cases took +12.0 %"));
  EXPECT_THAT(out_, HasSubstr("SLOWER 40 cases, BM_00 and others: it moved as the whole suite did"));
  EXPECT_EQ(out_.find("SLOWER 40 cases"), out_.rfind("SLOWER 40 cases")) << "once";
  EXPECT_EQ(run("compare new.json base.json"), 0);
  EXPECT_THAT(out_, HasSubstr("\nSUITE_SHIFT: the whole suite moved together: 40 of 40 cases took -10.7 %"));
  EXPECT_EQ(run("compare base.json base.json"), 0);
  EXPECT_THAT(out_, Not(HasSubstr("SUITE_SHIFT")));
}

TEST_F(CompareCases, AShareIsSpelledTheSameEverywhere) {
  write_suite("base.json", 2, 1);
  write_suite("new.json", 2, 4);
  EXPECT_EQ(run("compare --class own --threshold 5% base.json new.json"), 3);
  EXPECT_EQ(run("compare --class own --threshold '5 %' base.json new.json"), 3);
  EXPECT_EQ(run("compare --class own --threshold 0.05 base.json new.json"), 3);
  EXPECT_EQ(run("compare --threshold 400% base.json new.json"), 0);
  const std::string measuring = "run --device cpu --runs 1 --benchmark_filter=x --baselines none --out a.json";
  for (const char* bad : {"5", "1", "1.0", "0.5.1", "-5%", "-0.1", "nan", "nan%", "inf", "%", "0x1", "5%%", "1e3",
                          "5percent", "'5  %'"}) {
    expect_refusal(1, fmt::format("compare --threshold={} base.json new.json", bad), "--threshold");
    expect_refusal(1, fmt::format("{} --threshold={}", measuring, bad), "--threshold");
    expect_refusal(1, fmt::format("history --threshold={} base.json", bad), "--threshold");
  }
  expect_refusal(1, "compare --threshold 5 base.json new.json", "write 5% for per cent");
  for (const char* command : {"run", "compare", "history"}) {
    run(std::string(command) + " --help");
    const auto at = out_.find("--threshold");
    ASSERT_NE(at, std::string::npos);
    EXPECT_THAT(out_.substr(at, 200), HasSubstr("as 5% or")) << command;
  }
}

}  // namespace
}  // namespace kernelgate
