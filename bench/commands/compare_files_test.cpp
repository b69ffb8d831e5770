// compare through the program: other tools' files, files that can't be used, and environments that differ.

#include <filesystem>

#include "bench/commands/program_for_test.h"
#include "harness/check/fake/fake_machines_for_test.h"
#include "harness/check/fingerprint.h"
#include "harness/judge/compare/fingerprint_mutations_for_test.h"
#include "harness/result/result.h"
#include "harness/result/result_for_test.h"

namespace kernelgate {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

json google(double level, const char* name = "sort/8", int repetitions = 9) {
  json entries = json::array();
  for (int i = 0; i < repetitions; ++i)
    entries.push_back({{"name", name},
                       {"run_name", name},
                       {"run_type", "iteration"},
                       {"repetitions", repetitions},
                       {"repetition_index", i},
                       {"iterations", 1000},
                       {"real_time", level * (1 + 0.001 * i)},
                       {"cpu_time", 7.0},
                       {"time_unit", "us"}});
  return {{"context", {{"date", "2026-01-02"}, {"host_name", "here"}, {"num_cpus", 8}, {"caches", json::array()}}},
          {"benchmarks", entries}};
}

class CompareFiles : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    write_result(ours(1e-3), folder_ / "ours.json");
    write("google.json", google(5).dump());
  }
  static Result ours(double level) {
    return for_test::made_result(
        {for_test::made_case("onednn", std::vector<std::vector<double>>(3, std::vector<double>(5, level)))});
  }
  json verdict(const std::string& arguments) {
    run("compare --json " + arguments);
    return json::parse(out_)["cases"][0];
  }
};

TEST_F(CompareFiles, GoogleBenchmarksFilesAreJudged) {
  write("slow.json", google(10).dump());
  EXPECT_EQ(run("compare google.json google.json"), 0) << err_;
  EXPECT_THAT(out_, AllOf(HasSubstr("Google Benchmark, real_time of 1 benchmarks"), HasSubstr("sort/8")));
  EXPECT_EQ(run("compare google.json slow.json"), 0) << "one process of a shared machine";
  EXPECT_THAT(out_, AllOf(HasSubstr("POSSIBLE"), HasSubstr("compare base1,base2,base3 new1,new2,new3")));
  EXPECT_EQ(run("compare --strict google.json slow.json"), 4);
  EXPECT_EQ(run("compare --class own google.json slow.json"), 3);
  EXPECT_EQ(run("compare --class own slow.json google.json"), 0);
  EXPECT_THAT(out_, HasSubstr("FASTER"));
  EXPECT_EQ(run("compare --class mine slow.json google.json"), 1);
  EXPECT_THAT(err_, HasSubstr("--class"));
  EXPECT_EQ(run("compare --metric cpu_time google.json slow.json"), 0) << "their CPU times are equal";
  expect_refusal(1, "compare --metric wall google.json slow.json", "which has real_time, cpu_time");
  expect_refusal(1, "compare --metric cpu_time ours.json ours.json", "is no other tool's file");
  json other = google(5);
  other["context"]["num_cpus"] = 16;
  write("other.json", other.dump());
  EXPECT_EQ(run("compare google.json other.json"), 5);
  EXPECT_THAT(err_, HasSubstr("num_cpus: 8 -> 16; if that is what you compare, declare it: --vary num_cpus"));
  EXPECT_EQ(run("compare --vary num_cpus google.json other.json"), 0) << err_;
}

TEST_F(CompareFiles, OneValueSaysWhatItWouldTake) {
  write("one.json", google(5, "sort/8", 1).dump());
  EXPECT_EQ(run("compare one.json one.json"), 0);
  EXPECT_THAT(out_, AllOf(HasSubstr("INCONCLUSIVE"), HasSubstr("--benchmark_repetitions=9")));
  EXPECT_EQ(run("compare --strict one.json one.json"), 4);
}

TEST_F(CompareFiles, SeveralProcessesMakeASide) {
  std::string base, same, slow;
  for (int i = 0; i < 5; ++i) {
    write(fmt::format("b{}.json", i), google(5 + 0.01 * i).dump());
    write(fmt::format("n{}.json", i), google(5.005 + 0.01 * i).dump());
    write(fmt::format("s{}.json", i), google(5.25 + 0.01 * i).dump());
    for (auto [side, letter] : {std::pair{&base, 'b'}, {&same, 'n'}, {&slow, 's'}})
      *side += fmt::format("{}{}{}.json", i ? "," : "", letter, i);
  }
  EXPECT_EQ(verdict("google.json b1.json")["verdict"], "INCONCLUSIVE");  // one process a side shows no equality
  const json equal = verdict("--class own " + base + " " + same);
  EXPECT_EQ(equal["verdict"], "SAME") << equal;
  EXPECT_EQ(equal["base_runs"], 5);
  EXPECT_EQ(verdict("b0.json s0.json")["verdict"], "INCONCLUSIVE");
  EXPECT_EQ(run(fmt::format("compare --class own {} {}", base, slow)), 3);
  EXPECT_THAT(out_, HasSubstr("5 processes, the first b0.json"));

  expect_refusal(1, "compare b0.json,b1.json,b0.json s0.json", "'b0.json' and 'b0.json' hold the same figures");
  write("copy.json", read("b0.json") + "\n");
  expect_refusal(1, "compare b0.json,copy.json s0.json", "hold the same figures");
  expect_refusal(1, "compare b0.json, s0.json", "can't read ''");
  expect_refusal(1, "compare ours.json,b0.json s0.json", "can't be one side");
  write_result(ours(1.1e-3), folder_ / "ours2.json");
  expect_refusal(1, "compare ours.json,ours2.json ours.json", "run --runs N");
  json other = google(6);
  other["context"]["num_cpus"] = 16;
  write("other.json", other.dump());
  expect_refusal(5, "compare b0.json,other.json s0.json", "can't be one side: num_cpus: 8 -> 16");
  // A benchmark that one process lacks, or that failed in one, is not what the others say of it.
  write("less.json", google(5, "another/8").dump());
  json failed = google(5.5);
  failed["benchmarks"][0]["error_occurred"] = true;
  failed["benchmarks"][0]["error_message"] = "no memory";
  write("failed.json", failed.dump());
  EXPECT_EQ(run("compare --json b0.json b0.json,less.json"), 6);
  const json lacking = json::parse(out_);
  for (const json& one : lacking["cases"]) EXPECT_EQ(one["verdict"], "INVALID");
  EXPECT_THAT(verdict("b0.json b1.json,failed.json")["reason"].get<std::string>(), HasSubstr("failed.json: no memory"));
  write("a,b.json", google(5).dump());
  EXPECT_EQ(run("compare a,b.json b0.json"), 0) << "a file of that name is that file";
}

TEST_F(CompareFiles, ToolsAreNotMixed) {
  write("nvbench.json", R"({"meta": {"version": {"json": {"major": 1}}}, "devices": [{"id": 0, "name": "H200"}],
    "benchmarks": [{"name": "copy", "states": [{"device": 0, "axis_values": null, "is_skipped": false, "summaries": [
    {"tag": "nv/cold/time/gpu/mean", "data": [{"name": "value", "type": "float64", "value": "0.001"}]}]}]}]})");
  EXPECT_EQ(run("compare nvbench.json nvbench.json"), 0) << err_;
  EXPECT_EQ(run("baseline accept ours.json --reason first --baselines stored"), 0) << err_;
  for (const char* pair : {"ours.json google.json", "google.json ours.json", "google.json nvbench.json",
                           "nvbench.json ours.json", "stored/cpu_test/matmul.json google.json"})
    expect_refusal(5, fmt::format("compare {}", pair), "compare two files of one tool");
  EXPECT_EQ(run("baseline accept google.json --reason first --baselines stored"), 0) << err_;
  EXPECT_EQ(run("compare stored/cpu_unknown/google_benchmark.json google.json"), 0) << err_;
  expect_refusal(5, "compare stored/cpu_unknown/google_benchmark.json ours.json", "compare two files of one tool");
}

TEST_F(CompareFiles, WhatCantBeReadIsOneLine) {
  const std::string whole = read("google.json");
  write("truncated.json", whole.substr(0, whole.size() / 2));
  write("empty.json", "");
  write("space.json", " \r\n\t");
  write("junk.json", "\x80\xFF\xFE\x01 junk");
  write("latin1.json", "{\"benchmarks\": \"caf\xE9 \"}");
  write("utf16.json", std::string("\xFF\xFE{\0}\0", 6));
  write("deep.json", std::string(200'000, '['));
  write("list.json", "[]");
  write("number.json", "3");
  write("null.json", "null");
  write("other.json", "{\"a\": 1}");
  write("none.json", "{\"context\": {}, \"benchmarks\": []}");
  write("listed.json", "{\"benchmarks\": [{\"name\": \"a\"}]}");
  write("overflow.json", "{\"kernelgate\": {\"schema_version\": 1e400}}");
  write("nan.json", "{\"kernelgate\": {\"schema_version\": NaN}}");
  write("twice_key.json", "{\"benchmarks\": [], \"benchmarks\": []}");
  json twice = google(5);
  twice["benchmarks"].push_back(twice["benchmarks"][3]);
  write("twice.json", twice.dump());
  json unit = google(5);
  unit["benchmarks"][0]["time_unit"] = "minutes";
  write("unit.json", unit.dump());
  fs::create_directory(folder_ / "folder.json");
  for (const auto& [file, text] : {std::pair{"truncated.json", "is truncated"},
                                   {"empty.json", "is empty"},
                                   {"space.json", "is empty"},
                                   {"/dev/null", "is empty"},
                                   {"junk.json", "is not JSON: unexpected text at byte 1"},
                                   {"latin1.json", "is not JSON: unexpected text at byte 20"},
                                   {"utf16.json", "is UTF-16"},
                                   {"deep.json", "nested deeper than 100 levels"},
                                   {"list.json", "its JSON is no object"},
                                   {"number.json", "its JSON is no object"},
                                   {"null.json", "its JSON is no object"},
                                   {"other.json", "no key 'kernelgate'"},
                                   {"none.json", "holds no benchmarks"},
                                   {"listed.json", "benchmark 1"},
                                   {"overflow.json", "the number 1e400 is out of range"},
                                   {"nan.json", "is not JSON"},
                                   {"twice_key.json", "the key 'benchmarks' for the second time"},
                                   {"twice.json", "'sort/8' is there twice as repetition 3"},
                                   {"unit.json", "its time_unit is \"minutes\""},
                                   {"folder.json", "is a folder"},
                                   {"missing.json", "No such file"},
                                   {"google.json/x", "Not a directory"}}) {
    expect_refusal(1, fmt::format("compare google.json {}", file), text);
    expect_refusal(1, fmt::format("compare {} google.json", file), text);
  }
  if (::geteuid() != 0) {  // who is root reads everything
    write("private.json", whole);
    fs::permissions(folder_ / "private.json", fs::perms::none);
    expect_refusal(1, "compare google.json private.json", "Permission denied");
  }
}

TEST_F(CompareFiles, AByteOrderMarkWindowsLinesAndPipesAreRead) {
  std::string text = google(5).dump(1), crlf = "\xEF\xBB\xBF";
  for (char c : text) crlf += c == '\n' ? "\r\n" : std::string(1, c);
  write("crlf.json", crlf);
  EXPECT_EQ(verdict("google.json crlf.json")["ratio"], 1) << err_;
  EXPECT_EQ(run("compare google.json /dev/stdin < google.json"), 0) << err_;
  EXPECT_EQ(run("compare google.json /dev/stdin", "cat google.json |"), 0) << err_;
}

TEST_F(CompareFiles, WhatIsNoTimeIsInvalidAndHidesNothing) {
  for (const char* bad : {"0", "-1", "NaN", "-Infinity", "1e400", "\"5\"", "null", "true", "[5]", "0e5", "1e-330"}) {
    std::string text = google(5).dump();
    const auto at = text.find("\"real_time\":5.0");
    ASSERT_NE(at, std::string::npos);
    json good = google(5, "after/it");
    text.replace(at, 15, fmt::format("\"real_time\":{}", bad));
    const auto end = text.find("],\"context\"");
    ASSERT_NE(end, std::string::npos);
    for (const json& entry : good["benchmarks"]) text.insert(text.find("],\"context\""), "," + entry.dump());
    write("bad.json", text);
    EXPECT_EQ(run("compare --json google.json bad.json"), 6) << bad << err_;
    const json cases = json::parse(out_)["cases"];
    ASSERT_EQ(cases.size(), 2u) << bad;
    EXPECT_EQ(cases[0]["verdict"], "INVALID") << bad;
    EXPECT_THAT(cases[0]["reason"].get<std::string>(), HasSubstr("real_time"));
    EXPECT_EQ(cases[1]["verdict"], "NO_BASELINE");
    // In the base it is no baseline, and never a pass.
    EXPECT_EQ(verdict("bad.json google.json")["verdict"], "NO_BASELINE") << bad;
  }
}

TEST_F(CompareFiles, OurOwnSamplesAreLookedAtToo) {
  const std::string whole = read("ours.json");
  const auto with_sample = [&](const std::string& sample) {
    std::string text = whole;
    const std::string key = "\"samples_s\":[";
    const auto at = text.find(key);
    EXPECT_NE(at, std::string::npos);
    text.replace(at + key.size(), text.find(',', at) - at - key.size(), sample);
    write("bad.json", text);
  };
  for (const char* bad : {"0", "-1e-3", "0.0", "-0", "1e-400"}) {
    with_sample(bad);
    EXPECT_EQ(run("compare --json ours.json bad.json"), 6) << bad;
    EXPECT_EQ(json::parse(out_)["cases"][0]["verdict"], "INVALID");
  }
  for (const auto& [bad, text] : {std::pair{"\"1e-3\"", "must be number, but is string"},
                                  {"null", "must be number, but is null"},
                                  {"true", "must be number, but is boolean"},
                                  {"[1e-3]", "must be number, but is array"},
                                  {"NaN", "is not JSON"},
                                  {"Infinity", "is not JSON"},
                                  {"1e400", "out of range"}}) {
    with_sample(bad);
    expect_refusal(1, "compare ours.json bad.json", text);
  }
  Result one_sample = ours(1e-3);
  one_sample.cases[0].runs[0].samples_s.resize(1);
  write_result(one_sample, folder_ / "one.json");
  EXPECT_EQ(run("compare ours.json one.json"), 6);
  EXPECT_THAT(out_, HasSubstr("run 0 has 1 samples, and 5 are needed"));
}

TEST_F(CompareFiles, AMillionSamplesAreRead) {
  std::vector<double> many(1'000'000);
  for (std::size_t i = 0; i < many.size(); ++i) many[i] = 1e-3 * (1 + 1e-6 * static_cast<double>(i % 1000));
  write_result(for_test::made_result({for_test::made_case("onednn", {many})}), folder_ / "many.json");
  EXPECT_EQ(run("compare many.json many.json"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("1.000 ms"));
  write("google_many.json", google(5, "sort/8", 100'000).dump());
  EXPECT_EQ(run("compare google_many.json google_many.json"), 0) << err_;
}

TEST_F(CompareFiles, ADifferenceIsRefusedUntilItIsDeclared) {
  for (const char* kind : {"cuda", "cpu"}) {
    Result base = ours(1e-3), fresh = ours(1.5e-3);
    base.device_kind = fresh.device_kind = kind;
    const json identity = fingerprint(read_environment(healthy_h200()), kind)["identity"];
    std::string last;
    int tried = 0;
    for (const for_test::Mutation& mutation : for_test::mutations_of(identity)) {
      // One of each kind of change, and of each field one.
      if (mutation.field == last && ++tried % 9 != 0) continue;
      last = mutation.field;
      SCOPED_TRACE(mutation.field + ", " + mutation.how);
      base.fingerprint = {{"identity", mutation.before}};
      fresh.fingerprint = {{"identity", mutation.after}};
      write_result(base, folder_ / "base.json");
      write_result(fresh, folder_ / "fresh.json");
      EXPECT_EQ(run("compare --json base.json fresh.json"), 5);
      EXPECT_EQ(json::parse(out_)["cases"][0]["verdict"], "NOT_COMPARABLE");
      EXPECT_EQ(errors_said(), 1) << err_;
      EXPECT_THAT(err_, AllOf(HasSubstr("not comparable: " + mutation.field + ": "),
                              HasSubstr("--vary " + mutation.field + "\n")));
      EXPECT_EQ(run("compare base.json fresh.json --vary " + mutation.field), 3) << err_;
      EXPECT_THAT(out_, HasSubstr("differs, as declared: " + mutation.field + ": "));
    }
  }
}

}  // namespace
}  // namespace kernelgate
