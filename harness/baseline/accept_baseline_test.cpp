// How an acceptance joins what is stored: segments, anchors, carried noise, ids.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "harness/baseline/baseline.h"
#include "harness/baseline/baseline_folder_for_test.h"
#include "harness/baseline/baseline_samples.h"

namespace kernelgate {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

class AcceptBaseline : public BaselineFolder {};

Result joined(std::vector<Result> nights) {
  Result all = nights.front();
  for (std::size_t i = 1; i < nights.size(); ++i)
    for (std::size_t k = 0; k < all.cases.size(); ++k)
      for (CaseRun& run : nights[i].cases[k].runs) all.cases[k].runs.push_back(std::move(run));
  return all;
}

TEST_F(AcceptBaseline, TheFirstIsASegmentAndItsOwnAnchor) {
  accept_baseline(night(1), folder_, because("first"));
  const Baseline read = read_baseline(matmul());
  EXPECT_EQ(read.parent, "");
  EXPECT_EQ(read.id.size(), 12u);
  ASSERT_EQ(read.segments.size(), 1u);
  EXPECT_EQ(read.segments[0].reason, "first");
  EXPECT_EQ(read.segments[0].commit, "0123456789ab");
  EXPECT_EQ(read.expires_utc, "2026-08-02T00:00:00Z") << "180 days";
  for (const BaselineCase& one : read.cases) {
    EXPECT_EQ(one.segment, read.segments[0].id);
    EXPECT_EQ(one.anchor_segment, one.segment);
    EXPECT_EQ(one.anchor.size(), one.measured.runs.size());
    EXPECT_FALSE(one.carried.has_value());
    EXPECT_EQ(one.measured.runs[0].night, "2026-01-01");
    EXPECT_EQ(one.measured.runs[0].boot, "boot-a");
  }
  EXPECT_THAT(content(matmul()), Not(HasSubstr("\"anchor\""))) << "it is the runs themselves, and is not written twice";
}

TEST_F(AcceptBaseline, ANewSegmentKeepsTheAnchorAndWhatWasKnownOfTheNoise) {
  accept_baseline(joined({night(1), night(2), night(3, 1.01e-3), night(4)}), folder_, because("first"));
  const Baseline first = read_baseline(matmul());
  accept_baseline(night(9, 0.5e-3), folder_, because("twice as fast"));
  const Baseline second = read_baseline(matmul());
  EXPECT_EQ(second.parent, first.id);
  EXPECT_NE(second.id, first.id);
  ASSERT_EQ(second.segments.size(), 2u);
  EXPECT_EQ(second.segments[0].id, first.segments[0].id);
  EXPECT_EQ(second.segments[1].reason, "twice as fast");
  const BaselineCase &old = first.cases[0], &one = second.cases[0];
  EXPECT_EQ(one.measured.runs.size(), 3u);
  EXPECT_EQ(one.segment, second.segments[1].id);
  EXPECT_EQ(one.anchor_segment, first.segments[0].id);
  ASSERT_EQ(one.anchor.size(), 12u);
  for (std::size_t i = 0; i < 12; ++i) EXPECT_EQ(one.anchor[i].median_s, old.measured.runs[i].median_s);
  ASSERT_TRUE(one.carried.has_value());
  const VarianceComponents before = variance_components(old.measured.runs);
  EXPECT_EQ(one.carried->night.sd, before.night.sd);
  EXPECT_EQ(one.carried->night.df, 3);
  EXPECT_EQ(known_spread(one).night.df, 3) << "its own night adds none";
  EXPECT_EQ(known_spread(one).run.df, before.run.df + 2);

  accept_baseline(night(12, 0.4e-3), folder_, because("again"));
  const Baseline third = read_baseline(matmul());
  EXPECT_EQ(third.parent, second.id);
  EXPECT_EQ(third.segments.size(), 2u) << "the middle one holds nothing any more";
  EXPECT_EQ(third.cases[0].anchor.size(), 12u) << "never rolled";
  EXPECT_EQ(third.cases[0].anchor[0].median_s, old.measured.runs[0].median_s);
  EXPECT_EQ(third.cases[0].carried->run.df, before.run.df + 2);
}

/// Of one of several GPUs of a model.
Result of_gpu(Result result, int number) {
  result.device_kind = "cuda";
  result.device = "nvidia_test";
  result.fingerprint["identity"]["gpu_uuid"] = fmt::format("GPU-{}-4a5b", number);
  return result;
}

TEST_F(AcceptBaseline, EightGpusOfOneModelLieSideBySide) {
  std::set<fs::path> files;
  for (int gpu = 0; gpu < 8; ++gpu)
    for (const fs::path& path : accept_baseline(of_gpu(night(1, 1e-3 * (1 + gpu)), gpu), folder_, because("first")))
      EXPECT_TRUE(files.insert(path).second) << path;
  EXPECT_EQ(files.size(), 16u) << "two ops of eight";
  CompareOptions options;
  for (int gpu = 0; gpu < 8; ++gpu) {
    // Each meets its own level, and no other's.
    const Comparison same = compare_with_baselines(folder_, of_gpu(night(2, 1e-3 * (1 + gpu)), gpu), options);
    EXPECT_TRUE(same.differences.empty()) << gpu;
    ASSERT_EQ(same.cases.size(), 3u);
    for (const CaseVerdict& one : same.cases) EXPECT_NEAR(*one.ratio, 1, 1e-3) << gpu << one.name;
    const Extended extended =
        extend_baseline({of_gpu(night(2, 1e-3 * (1 + gpu)), gpu)}, folder_, {.utc = "2026-02-04T00:00:00Z"});
    for (const fs::path& path : extended.files) EXPECT_TRUE(files.contains(path));
  }
  for (const fs::path& path : files) {
    const Baseline read = read_baseline(path);
    EXPECT_EQ(provisional(read).text, "2 of 5 nights, 1 of 2 boots") << path;
    EXPECT_EQ(read_samples(path, read).trouble, "");
  }
  // --replace starts one anew, and no other's.
  Result upgraded = of_gpu(night(3), 5);
  upgraded.fingerprint["identity"]["driver"] = "590.1";
  AcceptOptions replace = because("new driver");
  EXPECT_THROW(accept_baseline(upgraded, folder_, replace), ResultError);
  replace.replace = true;
  accept_baseline(upgraded, folder_, replace);
  int anew = 0;
  for (const fs::path& path : files) anew += read_baseline(path).reason == "new driver" ? 1 : 0;
  EXPECT_EQ(anew, 2);
  // One that has none is told so, and is not compared with another's by the way.
  const Comparison ninth = compare_with_baselines(folder_, of_gpu(night(2), 9), options);
  EXPECT_EQ(ninth.exit_code(false), ExitCode::refused);
  EXPECT_THAT(ninth.base_notes,
              testing::Contains(AllOf(HasSubstr("another GPU of this model"), HasSubstr("lie beside"))));
  EXPECT_THAT(refusal_of(
                  [&] {
                    extend_baseline({of_gpu(night(4), 1), of_gpu(night(5), 2)}, folder_, {});
                  },
                  ExitCode::usage),
              HasSubstr("one GPU at a time"));
}

TEST_F(AcceptBaseline, AskedForAnywayUnderLoadOrWithAWideSpread) {
  const auto refusal = [&](const Result& result) {
    return refusal_of([&] { accept_baseline(result, folder_, because("first")); }, ExitCode::usage);
  };
  Result loaded = night(1);
  loaded.findings = {{{"id", "W-GOVERNOR"}, {"summary", "powersave"}}, {{"id", "W-LOAD"}, {"summary", "load 33.50"}}};
  EXPECT_THAT(refusal(loaded), AllOf(HasSubstr("W-LOAD: load 33.50"), HasSubstr("--anyway")));
  EXPECT_FALSE(fs::exists(folder_)) << "nothing was written";
  const auto spread = [](double width, double between, const char* kind) {
    std::vector<std::vector<double>> runs;
    for (int run : {-1, 0, 1}) {
      runs.emplace_back();
      for (int i = -4; i <= 4; ++i) runs.back().push_back(1e-3 * (1 + between * run) * (1 + width * i / 4));
    }
    Result result =
        for_test::made_result({for_test::made_case("naive", runs), for_test::made_case("onednn", samples_at(1e-3))});
    result.device_kind = kind;
    return result;
  };
  EXPECT_THAT(refusal(spread(0.30, 0, "cpu")),
              AllOf(HasSubstr("naive/hot varies by 30 %"), HasSubstr("at most 25 %"), HasSubstr("--anyway")));
  EXPECT_THAT(refusal(spread(0, 0.30, "cpu")), HasSubstr("naive/hot varies by 30 %")) << "runs that differ";
  EXPECT_THAT(refusal(spread(0.06, 0, "cuda")), HasSubstr("at most 5 %"));
  EXPECT_EQ(refusal(spread(0.20, 0.20, "cpu")), "accepted");
  AcceptOptions anyway = because("first");
  anyway.anyway = true;
  EXPECT_NO_THROW(accept_baseline(loaded, folder_, anyway));
  EXPECT_NO_THROW(accept_baseline(spread(0.9, 0.9, "cpu"), folder_, anyway));
}

TEST_F(AcceptBaseline, CarriedNoiseIsForgottenInTheLongRun) {
  std::vector<Result> nights;
  for (int day = 1; day <= 45; ++day) nights.push_back(night(day));
  accept_baseline(joined(nights), folder_, because("many"));
  accept_baseline(night(60), folder_, because("new"));
  const BaselineCase one = read_baseline(matmul()).cases[0];
  EXPECT_EQ(one.carried->night.df, 30);
  EXPECT_EQ(one.carried->run.df, 30);
  EXPECT_EQ(one.anchor.size(), 3u * baseline_anchor_nights) << "the first nights alone";
}

TEST_F(AcceptBaseline, AnotherProblemUnderTheSameNameKeepsNothing) {
  accept_baseline(night(1), folder_, because("first"));
  Result other = night(2);
  for (CaseResult& one : other.cases) one.flop *= 2;
  accept_baseline(other, folder_, because("larger"));
  const Baseline read = read_baseline(matmul());
  EXPECT_FALSE(read.cases[0].carried.has_value());
  EXPECT_EQ(read.cases[0].anchor_segment, read.cases[0].segment);
  EXPECT_EQ(read.segments.size(), 1u);
}

TEST_F(AcceptBaseline, ReplaceStartsAnewButNamesItsParent) {
  accept_baseline(night(1), folder_, because("first"));
  const std::string parent = read_baseline(matmul()).id;
  Result other = night(2);
  other.fingerprint["identity"]["cpu_model"] = "new";
  AcceptOptions options = because("new machine");
  options.replace = true;
  accept_baseline(other, folder_, options);
  const Baseline read = read_baseline(matmul());
  EXPECT_EQ(read.parent, parent);
  EXPECT_EQ(read.segments.size(), 1u);
  EXPECT_EQ(read.cases[0].anchor[0].night, "2026-01-02");
  EXPECT_FALSE(read.cases[0].carried.has_value());
}

TEST_F(AcceptBaseline, TheArchivedBuildIsTheOneThatMeasured) {
  AcceptOptions options = because("first");
  options.archived = {"/archive/kernelgate", "ffffffffffff"};
  EXPECT_THAT(refusal_of([&] { accept_baseline(night(1), folder_, options); }, ExitCode::usage),
              AllOf(HasSubstr("ffffffffffff"), HasSubstr("0123456789ab")));
  EXPECT_FALSE(fs::exists(matmul()));
  options.archived->commit = "0123456789ab";
  accept_baseline(night(1), folder_, options);
  EXPECT_EQ(read_baseline(matmul()).archived->path, "/archive/kernelgate");
  accept_baseline(night(2), folder_, because("not archived"));
  EXPECT_FALSE(read_baseline(matmul()).archived.has_value()) << "the old program is not the new one's";
}

TEST_F(AcceptBaseline, KeepsCodeControlsAndTheTimersStep) {
  Result result = night(1);
  for (CaseResult& one : result.cases) one.code_hash = "c0de";
  ControlRun control{"alu", 0, {1e-3, 1.1e-3, 1.2e-3}, {2e-3}};
  result.controls = {control};
  accept_baseline(result, folder_, because("first"));
  const Side side = side_of(read_baseline(matmul()));
  EXPECT_EQ(side.cases[0].code_hash, "c0de");
  ASSERT_EQ(side.controls.size(), 1u);
  EXPECT_EQ(side.controls[0].first_s, 1.1e-3);
  EXPECT_EQ(side.controls[0].last_s, 2e-3);
  EXPECT_EQ(side.controls[0].night, "2026-01-01");
  const Side measured = side_of(result);
  EXPECT_EQ(side.cases[1].runs[0].quantum_s, measured.cases[0].runs[0].quantum_s);
}

TEST_F(AcceptBaseline, IsProvisionalUntilItHasNightsAndBoots) {
  const auto state = [this] { return provisional(read_baseline(matmul())); };
  accept_baseline(night(1), folder_, because("one"));
  EXPECT_TRUE(state().is);
  EXPECT_EQ(state().text, "1 of 5 nights, 1 of 2 boots");
  accept_baseline(joined({night(1), night(2), night(3), night(4), night(5)}), folder_, because("no restart"));
  EXPECT_EQ(state().text, "5 of 5 nights, 1 of 2 boots");
  accept_baseline(joined({night(1), night(2), night(3), night(4, 1e-3, "boot-b")}), folder_, because("four"));
  EXPECT_EQ(state().text, "4 of 5 nights, 2 of 2 boots");
  EXPECT_THAT(side_of(read_baseline(matmul())).description, HasSubstr("PROVISIONAL: 4 of 5 nights"));
  EXPECT_TRUE(side_of(read_baseline(matmul())).provisional);
  accept_baseline(joined({night(1), night(2), night(3), night(4), night(5, 1e-3, "boot-b")}), folder_, because("all"));
  EXPECT_FALSE(state().is);
  EXPECT_THAT(side_of(read_baseline(matmul())).description, Not(HasSubstr("PROVISIONAL")));
}

}  // namespace
}  // namespace kernelgate
