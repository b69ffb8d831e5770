// Google Benchmark's files: what is read of them, and what is said of those that can't be used.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "harness/base/json/json_text.h"
#include "harness/judge/compare/compare.h"
#include "harness/judge/compare/decision.h"
#include "harness/sides/foreign.h"
#include "harness/sides/foreign_run.h"
#include "harness/sides/join_processes.h"

namespace kernelgate {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

/// As Google Benchmark 1.8 writes a repetition.
json repetition(const std::string& name, int index, json time, const char* unit = "ns") {
  return {{"name", name},
          {"family_index", 0},
          {"per_family_instance_index", 0},
          {"run_name", name},
          {"run_type", "iteration"},
          {"repetitions", 9},
          {"threads", 1},
          {"repetition_index", index},
          {"iterations", 1000},
          {"real_time", time},
          {"cpu_time", 2},
          {"time_unit", unit},
          {"items_per_second", 1e9}};
}

json aggregate(const std::string& name, const std::string& kind, json time, const char* unit = "ns") {
  json entry = repetition(name, 0, std::move(time), unit);
  entry["name"] = name + "_" + kind;
  entry["run_type"] = "aggregate";
  entry["aggregate_name"] = kind;
  entry["aggregate_unit"] = kind == "cv" ? "percentage" : "time";
  entry["iterations"] = 9;
  entry.erase("repetition_index");
  return entry;
}

json context() {
  return {{"date", "2026-01-02T03:04:05+00:00"},
          {"host_name", "here"},
          {"executable", "./bench"},
          {"num_cpus", 8},
          {"mhz_per_cpu", 2600},
          {"cpu_scaling_enabled", false},
          {"caches", {{{"type", "Data"}, {"level", 1}, {"size", 32768}, {"num_sharing", 1}}}},
          {"load_avg", {0.1, 0.2, 0.3}},
          {"library_version", "v1.8.3"},
          {"library_build_type", "release"}};
}

json document(std::vector<json> entries) { return {{"context", context()}, {"benchmarks", entries}}; }

json repeated(const std::string& name, const std::vector<double>& times) {
  std::vector<json> entries;
  for (double time : times) entries.push_back(repetition(name, static_cast<int>(entries.size()), time));
  return document(entries);
}

Side read(const json& from, const std::string& metric = "") {
  const ForeignFormat* format = foreign_format(from);
  if (!format) throw ResultError("no known format");
  return read_foreign(*format, from, "g.json", metric);
}

std::string error_of(const json& from, const std::string& metric = "") {
  try {
    read(from, metric);
  } catch (const ResultError& error) {
    EXPECT_EQ(error.code, ExitCode::usage);
    EXPECT_THAT(error.what(), AllOf(HasSubstr("g.json"), Not(HasSubstr("\n")), Not(HasSubstr("json.exception"))));
    return error.what();
  }
  return "no error";
}

/// The only case of a document whose only entry was changed.
SideCase changed(const char* key, const json& value) {
  json entry = repetition("sort/8", 0, 5.0);
  entry[key] = value;
  const Side side = read(document({entry}));
  EXPECT_EQ(side.cases.size(), 1u);
  return side.cases.at(0);
}

TEST(GoogleBenchmark, RepetitionsAreTheSamplesOfOneRun) {
  const Side side = read(repeated("sort/8/real_time/threads:4", {3, 1, 2, 5, 4}));
  ASSERT_EQ(side.cases.size(), 1u);
  const SideCase& one = side.cases[0];
  EXPECT_EQ(one.name, "sort/8/real_time/threads:4");
  EXPECT_EQ(one.op, "sort");
  EXPECT_EQ(one.status, CaseStatus::measured);
  ASSERT_EQ(one.runs.size(), 1u);
  EXPECT_DOUBLE_EQ(one.runs[0].q1_s, 2e-9);
  EXPECT_DOUBLE_EQ(one.runs[0].median_s, 3e-9);
  EXPECT_DOUBLE_EQ(one.runs[0].q3_s, 4e-9);
  EXPECT_EQ(one.runs[0].samples, 5u);
  EXPECT_EQ(one.remedy, "");
  EXPECT_EQ(side.device_kind, "cpu");
  EXPECT_EQ(side.source, "Google Benchmark");
  EXPECT_THAT(side.description, AllOf(HasSubstr("g.json"), HasSubstr("here"), HasSubstr("real_time")));
}

TEST(GoogleBenchmark, UnitsAreUnits) {
  for (const auto& [unit, seconds] : {std::pair{"ns", 5e-9}, {"us", 5e-6}, {"ms", 5e-3}, {"s", 5.0}})
    EXPECT_DOUBLE_EQ(changed("time_unit", unit).runs.at(0).median_s, seconds) << unit;
  // Two sides in different units are the same time.
  std::vector<json> ns, us;
  for (int i = 0; i < 9; ++i) {
    ns.push_back(repetition("a", i, 2000 + i));
    us.push_back(repetition("a", i, (2000 + i) * 1e-3, "us"));
  }
  EXPECT_NEAR(*compare(read(document(ns)), read(document(us)), {}).cases.at(0).ratio, 1, 1e-12);
}

TEST(GoogleBenchmark, CpuTimeIsChosenByName) {
  EXPECT_DOUBLE_EQ(read(repeated("a", {5}), "cpu_time").cases.at(0).runs.at(0).median_s, 2e-9);
  EXPECT_THAT(error_of(repeated("a", {5}), "user_time"), HasSubstr("which has real_time, cpu_time"));
  // And the two don't mix.
  const Comparison mixed = compare(read(repeated("a", {5})), read(repeated("a", {5}), "cpu_time"), {});
  EXPECT_EQ(mixed.cases.at(0).verdict, Verdict::not_comparable);
}

TEST(GoogleBenchmark, OneValueIsComparedAndSaysWhatItLacks) {
  const auto verdict = [](double factor) {
    return compare(read(repeated("a", {5})), read(repeated("a", {5 * factor})), {}).cases.at(0);
  };
  EXPECT_EQ(verdict(1).verdict, Verdict::inconclusive);  // equality can't be shown
  EXPECT_THAT(verdict(1).reason, AllOf(HasSubstr("one value tells nothing of its spread"), HasSubstr("taken to be 5 %"),
                                       HasSubstr("--benchmark_repetitions=9")));
  EXPECT_EQ(verdict(1.1).verdict, Verdict::inconclusive);
  EXPECT_EQ(verdict(1.2).verdict, Verdict::inconclusive);
  EXPECT_EQ(verdict(2).verdict, Verdict::slower);
  EXPECT_EQ(verdict(0.5).verdict, Verdict::faster);
  EXPECT_EQ(read(repeated("a", {5})).cases[0].runs[0].samples, 1u);
  // Repeated, 10 % are seen.
  const Comparison sure =
      compare(read(repeated("a", std::vector<double>(9, 5))), read(repeated("a", std::vector<double>(9, 5.5))), {});
  EXPECT_EQ(sure.cases.at(0).verdict, Verdict::slower);
  // One thin side is enough to be unsure.
  const Comparison half = compare(read(repeated("a", {5})), read(repeated("a", std::vector<double>(9, 5.5))), {});
  EXPECT_THAT(half.cases.at(0).reason, HasSubstr("one value"));
}

TEST(GoogleBenchmark, FewRepetitionsThatAgreeAreNotCertain) {
  const RunSummary two = run_of_samples({1, 1});
  EXPECT_NEAR(std::log(two.q3_s / two.q1_s) / 1.349, assumed_sample_sd, 1e-4);
  EXPECT_EQ(two.median_s, 1);
  const RunSummary apart = run_of_samples({1, 2});  // more than is assumed: what was seen
  EXPECT_DOUBLE_EQ(apart.q3_s, 1.75);
  EXPECT_THAT(read(repeated("a", {5, 5})).cases[0].remedy, HasSubstr("a run of 2 values"));
}

TEST(GoogleBenchmark, AggregatesAloneAreRead) {
  const json from = document({aggregate("a/1", "mean", 11), aggregate("a/1", "median", 10),
                              aggregate("a/1", "stddev", 0.5), aggregate("a/1", "cv", 0.05)});
  const Side side = read(from);
  ASSERT_EQ(side.cases.size(), 1u);
  EXPECT_EQ(side.cases[0].name, "a/1");
  const RunSummary& run = side.cases[0].runs.at(0);
  EXPECT_DOUBLE_EQ(run.median_s, 1e-8);
  EXPECT_DOUBLE_EQ(run.q1_s, 1e-8);
  EXPECT_NEAR(std::log(run.q3_s / run.q1_s) / 1.349, 0.05, 1e-4);
  EXPECT_EQ(run.samples, 9u);
  // Beside repetitions they say nothing new.
  json both = repeated("a/1", {1, 2, 3, 4, 5});
  both["benchmarks"].push_back(aggregate("a/1", "median", 77));
  EXPECT_DOUBLE_EQ(read(both).cases.at(0).runs.at(0).median_s, 3e-9);
  // And are not compared with them.
  EXPECT_EQ(compare(read(from), read(repeated("a/1", {1, 2, 3, 4, 5})), {}).cases.at(0).verdict,
            Verdict::not_comparable);
  EXPECT_THAT(read(document({aggregate("a", "mean", 11)})).cases.at(0).reason, HasSubstr("no median"));
  EXPECT_EQ(read(document({aggregate("a", "median", 10)})).cases.at(0).runs.at(0).samples, 1u);  // no spread known
  EXPECT_THAT(error_of(document({aggregate("a", "median", 1), aggregate("a", "median", 2)})), HasSubstr("two aggr"));
}

TEST(GoogleBenchmark, ComplexityIsNoCase) {
  json big_o = aggregate("a", "BigO", 1), rms = aggregate("a", "RMS", 1);
  for (json* one : {&big_o, &rms})
    for (const char* key : {"real_time", "cpu_time"}) one->erase(key);
  rms.erase("time_unit");
  const Side side = read(document({repetition("a/1", 0, 5), big_o, rms}));
  ASSERT_EQ(side.cases.size(), 1u);
  EXPECT_EQ(side.cases[0].name, "a/1");
}

TEST(GoogleBenchmark, ErrorsAndSkipsAreSaid) {
  json failed = repetition("a", 0, 0), skipped = repetition("b", 0, 0);
  failed["error_occurred"] = true;
  failed["error_message"] = "no such file";
  skipped["skipped"] = true;
  skipped["skip_message"] = "needs AVX-512";
  const Side side = read(document({failed, repetition("a", 1, 5), skipped}));
  const Comparison comparison = compare(side, side, {});
  ASSERT_EQ(comparison.cases.size(), 2u);
  EXPECT_EQ(comparison.cases[0].verdict, Verdict::invalid);
  EXPECT_THAT(comparison.cases[0].reason, HasSubstr("no such file"));
  EXPECT_EQ(comparison.cases[1].verdict, Verdict::skipped);
  EXPECT_EQ(comparison.cases[1].reason, "needs AVX-512");
  EXPECT_EQ(changed("skipped", 3.0).status, CaseStatus::measured) << "a user counter of that name";
}

TEST(GoogleBenchmark, WhatIsNoTimeIsInvalid) {
  for (const json& bad : {json(0), json(0.0), json(-1.5), json("12"), json("NaN"), json("-Infinity"), json("1e400"),
                          json(nullptr), json(true), json::array({1}), json::object(), json(1e-320),
                          json(std::numeric_limits<double>::infinity()), json(std::nan(""))}) {
    const SideCase one = changed("real_time", bad);
    EXPECT_EQ(one.status, CaseStatus::invalid) << bad;
    EXPECT_THAT(one.reason, HasSubstr("its real_time is ")) << bad;
    EXPECT_TRUE(one.runs.empty());
    EXPECT_EQ(changed("cpu_time", bad).status, CaseStatus::measured) << "nobody asked for it";
  }
  json second = repetition("a", 1, "junk");
  const SideCase one = read(document({repetition("a", 0, 5), second})).cases.at(0);
  EXPECT_EQ(one.reason, "in repetition 1 its real_time is \"junk\", which is no time");
  json without = repetition("a", 0, 5);
  without.erase("real_time");
  EXPECT_EQ(read(document({without})).cases.at(0).reason, "it has no real_time");
  for (const json& bad : {json(-1), json("x"), json("NaN")}) {
    const Side side = read(document({aggregate("a", "median", 5), aggregate("a", "stddev", bad)}));
    EXPECT_EQ(side.cases.at(0).status, CaseStatus::invalid);
    EXPECT_THAT(side.cases.at(0).reason, HasSubstr("stddev"));
  }
  EXPECT_EQ(read(document({aggregate("a", "median", 0), aggregate("a", "stddev", 0)})).cases.at(0).status,
            CaseStatus::invalid);
}

TEST(GoogleBenchmark, NaNInACounterHurtsNobody) {
  std::string text = repeated("a", {5}).dump();
  const auto at = text.find("1000000000.0");
  ASSERT_NE(at, std::string::npos);
  for (const char* word : {"NaN", "-NaN", "Infinity", "-Infinity", "nan", "-nan", "inf", "-inf", "1e999"}) {
    std::string changed_text = text;
    changed_text.replace(at, 12, word);
    EXPECT_THROW(parse_json(changed_text, "g.json"), ResultError) << word;
    const json from = parse_json(changed_text, "g.json", JsonDialect::of_others);
    EXPECT_EQ(from["benchmarks"][0]["items_per_second"], word);
    EXPECT_EQ(read(from).cases.at(0).status, CaseStatus::measured) << word;
  }
}

TEST(GoogleBenchmark, TwoOfOneNameAreNoCaseAndHideNoOther) {
  const Side both = read(document({repetition("a", 0, 5), repetition("b", 0, 5), repetition("a", 0, 6)}));
  ASSERT_EQ(both.cases.size(), 2u);
  EXPECT_EQ(both.cases[0].status, CaseStatus::invalid);
  EXPECT_THAT(both.cases[0].reason, HasSubstr("'a' is there twice as repetition 0"));
  EXPECT_EQ(both.cases[1].status, CaseStatus::measured);
  // Where nothing else is there, it is the document that can't be used; what to do fits what happened.
  EXPECT_THAT(error_of(document({repetition("a", 0, 5), repetition("a", 0, 6)})),
              AllOf(HasSubstr("benchmark 2"), HasSubstr("give each run a file of its own (run1.json,run2.json)")));
  json other = repetition("a", 1, 5);
  other["family_index"] = 1;
  EXPECT_THAT(error_of(document({repetition("a", 0, 5), other})), HasSubstr("two benchmarks are called 'a'"));
  json old = repetition("a", 0, 5);  // as before 1.5.1
  for (const char* key : {"repetition_index", "family_index", "per_family_instance_index", "run_name", "run_type"})
    old.erase(key);
  EXPECT_EQ(read(document({old})).cases.at(0).name, "a");
  EXPECT_THAT(error_of(document({old, old})), HasSubstr("no repetition_index"));
}

TEST(GoogleBenchmark, SaysWhatIsWrongWithTheDocument) {
  const auto entry_with = [](const char* key, const json& value) {
    json entry = repetition("a", 0, 5);
    entry[key] = value;
    return document({entry});
  };
  EXPECT_THAT(error_of(document({})), HasSubstr("no benchmarks; a filter"));
  EXPECT_THAT(error_of({{"benchmarks", 3}}), HasSubstr("its benchmarks are 3, not a list"));
  EXPECT_THAT(error_of({{"benchmarks", {1}}}), HasSubstr("benchmark 1: it is 1, not an object"));
  EXPECT_THAT(error_of({{"benchmarks", json::array()}, {"context", 4}}), HasSubstr("its context is 4"));
  EXPECT_THAT(error_of(entry_with("time_unit", "min")), HasSubstr("its time_unit is \"min\", not ns, us, ms or s"));
  EXPECT_THAT(error_of(entry_with("time_unit", 1)), HasSubstr("its time_unit is 1, not a text"));
  EXPECT_THAT(error_of(entry_with("run_name", 7)), HasSubstr("its run_name is 7"));
  EXPECT_THAT(error_of(entry_with("aggregate_name", 7)), "no error") << "a user counter of that name";
  EXPECT_THAT(error_of(entry_with("label", 7)), "no error");
  EXPECT_THAT(error_of(entry_with("repetition_index", -1)), HasSubstr("its repetition_index is -1"));
  EXPECT_THAT(error_of(entry_with("repetition_index", 1.5)), HasSubstr("its repetition_index is 1.5"));
  EXPECT_THAT(error_of({{"benchmarks", {{{"real_time", 1}}}}}), HasSubstr("it has no name"));
  EXPECT_THAT(error_of({{"benchmarks", {{{"name", "listed"}}}}}),
              AllOf(HasSubstr("its time_unit is missing"), HasSubstr("lists 1 benchmarks and holds no times")));
}

/// As before 1.5.0: nothing says what a row is.
json old_row(const std::string& name, json time) {
  return {{"name", name}, {"iterations", 100}, {"real_time", time}, {"cpu_time", time}, {"time_unit", "ns"}};
}

TEST(GoogleBenchmark, OldRowsAreKnownByTheirNames) {
  const json big_o{
      {"name", "sort_BigO"}, {"cpu_coefficient", 1}, {"real_coefficient", 1}, {"big_o", "N"}, {"time_unit", "ns"}},
      rms{{"name", "sort_RMS"}, {"rms", 0.012}};
  const Side side = read(document({old_row("sort/8", 8), old_row("sort/64", 64), big_o, rms, old_row("norm_RMS", 5)}));
  ASSERT_EQ(side.cases.size(), 3u);
  EXPECT_EQ(side.cases[1].name, "sort/64");
  EXPECT_EQ(side.cases[2].name, "norm_RMS") << "what counts iterations is measured, whatever it is called";
  for (const SideCase& one : side.cases) EXPECT_EQ(one.status, CaseStatus::measured) << one.reason;
}

TEST(GoogleBenchmark, OldRepetitionsAreOneRun) {
  std::vector<json> rows;
  for (double time : {3.0, 1.0, 2.0, 5.0, 4.0}) rows.push_back(old_row("a", time));
  for (const char* kind : {"mean", "median", "stddev"}) rows.push_back(old_row(std::string("a_") + kind, 77));
  rows.push_back(old_row("b", 7));
  const Side side = read(document(rows));
  ASSERT_EQ(side.cases.size(), 2u);
  ASSERT_EQ(side.cases[0].status, CaseStatus::measured) << side.cases[0].reason;
  EXPECT_EQ(side.cases[0].runs[0].samples, 5u);
  EXPECT_DOUBLE_EQ(side.cases[0].runs[0].median_s, 3e-9);
  // Aggregates alone are aggregates; without a spread beside it, a function that computes a mean is a function.
  const Side alone = read(document({old_row("a_mean", 11), old_row("a_median", 10), old_row("a_stddev", 0.5)}));
  ASSERT_EQ(alone.cases.size(), 1u);
  EXPECT_EQ(alone.cases[0].name, "a");
  EXPECT_DOUBLE_EQ(alone.cases[0].runs.at(0).median_s, 1e-8);
  EXPECT_EQ(alone.cases[0].figure, "aggregates");
  EXPECT_EQ(read(document({old_row("a_mean", 11), old_row("a_median", 10)})).cases.size(), 2u);
}

TEST(GoogleBenchmark, AMalformedEntryIsItsOwnAffair) {
  json unit = repetition("b", 0, 5);
  unit["time_unit"] = "minutes";
  const Side side = read(document({repetition("a", 0, 5), unit, json(7), json{{"real_time", 3}}}));
  ASSERT_EQ(side.cases.size(), 4u);
  EXPECT_EQ(side.cases[0].status, CaseStatus::measured);
  EXPECT_THAT(side.cases[1].reason, HasSubstr("its time_unit is \"minutes\""));
  EXPECT_EQ(side.cases[2].name, "benchmark 3");
  EXPECT_EQ(side.cases[3].name, "benchmark 4");
  for (std::size_t i : {1u, 2u, 3u}) EXPECT_EQ(side.cases[i].status, CaseStatus::invalid);
}

TEST(GoogleBenchmark, LessThanAClockCycleIsNoMeasurement) {
  for (double ns : {1.9e-7, 0.001, 0.149}) {
    const SideCase one = changed("real_time", ns);
    EXPECT_EQ(one.status, CaseStatus::invalid) << ns;
    EXPECT_THAT(one.reason, HasSubstr("less than a clock cycle: the loop did nothing"));
  }
  EXPECT_EQ(changed("real_time", 0.151).status, CaseStatus::measured);
  // Of several threads each iteration's time is shared among them.
  json threads = repetition("a", 0, 0.01);
  threads["threads"] = 64;
  EXPECT_EQ(read(document({threads})).cases.at(0).status, CaseStatus::measured);
}

TEST(GoogleBenchmark, AggregatesOfOneCaseTouchNoOther) {
  json with = repeated("a", {5, 5, 5, 5, 5, 5, 5, 5, 5});
  for (const char* kind : {"mean", "median"}) with["benchmarks"].push_back(aggregate("new", kind, 7));
  with["benchmarks"].push_back(aggregate("new", "stddev", 0.1));
  const Side base = read(repeated("a", {5, 5, 5, 5, 5, 5, 5, 5, 5})), fresh = read(with);
  const Comparison added = compare(base, fresh, {});
  EXPECT_EQ(added.exit_code(false), ExitCode::good);
  EXPECT_EQ(added.cases.at(0).verdict, Verdict::inconclusive);
  EXPECT_EQ(added.cases.at(0).ratio, 1);
  EXPECT_EQ(added.cases.at(1).verdict, Verdict::no_baseline);
  // The same case by another figure is not compared, and only that one.
  const Side other = read(document({aggregate("a", "median", 5), aggregate("a", "stddev", 0.1)}));
  const Comparison mixed = compare(base, other, {});
  EXPECT_EQ(mixed.cases.at(0).verdict, Verdict::not_comparable);
  EXPECT_THAT(mixed.cases.at(0).reason, HasSubstr("the base has repetitions of it, and the new side aggregates"));
  EXPECT_TRUE(mixed.differences.empty());
}

TEST(GoogleBenchmark, OneProcessCountedTwiceIsNoEvidence) {
  const Side one = read(repeated("a", {5, 6, 7, 8, 9}));
  const auto joined = [&](double RunSummary::*field) {
    Side other = one;
    if (field != nullptr) other.cases[0].runs[0].*field *= 1.001;
    return join_processes({one, other}, {"one.json", "other.json"}).cases.at(0).runs.size();
  };
  EXPECT_THROW(joined(nullptr), ResultError);
  for (auto field : {&RunSummary::median_s, &RunSummary::q1_s, &RunSummary::q3_s}) EXPECT_EQ(joined(field), 2u);
}

TEST(GoogleBenchmark, ProcessesOfTwoFiguresAreNoSide) {
  const Side repetitions = read(repeated("a", {5, 6, 7, 8, 9}));
  const Side aggregates = read(document({aggregate("a", "median", 5), aggregate("a", "stddev", 0.1)}));
  const Side whole = join_processes({repetitions, aggregates}, {"one.json", "other.json"});
  EXPECT_EQ(whole.cases.at(0).status, CaseStatus::invalid);
  EXPECT_EQ(whole.cases.at(0).reason, "other.json: it has aggregates, and the others repetitions");
}

TEST(GoogleBenchmark, AnotherHostOrClockIsSaid) {
  const auto differences = [](const char* key, const json& value) {
    json other = repeated("a", {5, 5, 5, 5, 5});
    other["context"][key] = value;
    return compare(read(repeated("a", {5, 5, 5, 5, 5})), read(other), {}).also_differs;
  };
  EXPECT_THAT(differences("host_name", "there"), testing::ElementsAre(HasSubstr("host: here -> there")));
  EXPECT_THAT(differences("mhz_per_cpu", 2000), testing::ElementsAre(HasSubstr("clock: 2600 -> 2000 MHz")));
  EXPECT_THAT(differences("mhz_per_cpu", 2620), testing::IsEmpty()) << "a clock of the moment";
  EXPECT_THAT(differences("date", "2027"), testing::IsEmpty());
}

TEST(GoogleBenchmark, AnotherMachineOrBuildIsRefused) {
  const Side base = read(repeated("a", {5, 5, 5, 5, 5}));
  const auto against = [&](const char* key, const json& value) {
    json other = repeated("a", {5, 5, 5, 5, 5});
    other["context"][key] = value;
    if (value.is_null()) other["context"].erase(key);
    return compare(base, read(other), {});
  };
  for (const auto& [key, value] : {std::pair<const char*, json>{"num_cpus", 16},
                                   {"caches", json::array()},
                                   {"library_build_type", "debug"},
                                   {"library_version", "v1.9.0"},
                                   {"library_version", nullptr},
                                   {"cpu_scaling_enabled", true}}) {
    const Comparison comparison = against(key, value);
    EXPECT_EQ(comparison.exit_code(false), ExitCode::refused) << key;
    EXPECT_EQ(comparison.cases.at(0).verdict, Verdict::not_comparable);
    ASSERT_EQ(comparison.differences.size(), 1u);
    EXPECT_THAT(comparison.differences[0], HasSubstr(key));
  }
  for (const auto& [key, value] : {std::pair<const char*, json>{"date", "2027-01-01"},
                                   {"host_name", "there"},
                                   {"load_avg", {9}},
                                   {"mhz_per_cpu", 2601},
                                   {"commit", "abc"},
                                   {"executable", "./other"}})
    EXPECT_EQ(against(key, value).exit_code(false), ExitCode::good) << key;
  const json identity = base.fingerprint["identity"];
  EXPECT_TRUE(identity["cpu_model"]["value"].is_null());
  EXPECT_EQ(identity["cpu_model"]["reason"], "Google Benchmark does not record it");
}

TEST(GoogleBenchmark, KnowsItsNight) {
  for (const auto& [date, night] : {std::pair{"2026-01-02T11:59:59+00:00", "2026-01-01"},
                                    {"2026-01-02T12:00:00+00:00", "2026-01-02"},
                                    {"2026-01-02T20:00:00+09:00", "2026-01-01"},
                                    {"2026-01-02T11:00:00-02:00", "2026-01-02"},
                                    {"2018-01-02 11:00:00", ""},
                                    {"today", ""}}) {
    json from = repeated("a", {5});
    from["context"]["date"] = date;
    EXPECT_EQ(read(from).cases.at(0).runs.at(0).night, night) << date;
  }
}

TEST(GoogleBenchmark, AFileOfOursIsOurs) {
  json ours = repeated("a", {5});
  ours["kernelgate"] = json::object();
  EXPECT_EQ(foreign_format(ours), nullptr);
  EXPECT_EQ(foreign_format(json::array()), nullptr);
  EXPECT_EQ(foreign_format(json()), nullptr);
  EXPECT_EQ(foreign_format({{"a", 1}}), nullptr);
}

TEST(Foreign, TwoToolsAreNeverCompared) {
  Side other = read(repeated("a", {5}));
  const Side google = other;
  other.source = "nvbench";
  CompareOptions everything;
  everything.vary = {"metric", "num"};
  try {
    compare(google, other, everything);
    FAIL() << "compared";
  } catch (const HarnessError& error) {
    EXPECT_EQ(error.code, ExitCode::refused);
    EXPECT_THAT(error.what(), AllOf(HasSubstr("Google Benchmark"), HasSubstr("nvbench")));
  }
}

}  // namespace
}  // namespace kernelgate
