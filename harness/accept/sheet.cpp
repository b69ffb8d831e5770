#include "harness/accept/sheet.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/accept/fields_json.h"
#include "harness/accept/sha256.h"
#include "harness/accept/thresholds.h"
#include "harness/base/atomic_file.h"

namespace kernelgate::accept {
namespace {

constexpr const char* kind = "kernelgate.accept";
constexpr std::string_view sum_key = "\"sha256\": \"";
constexpr std::size_t sum_digits = 64;

Outcome outcome_of(const std::string& word) {
  for (std::size_t i = 0; i < outcome_words.size(); ++i)
    if (word == outcome_words[i]) return static_cast<Outcome>(i);
  throw ResultError(fmt::format("a test's outcome is '{}', which is none", word));
}

nlohmann::json to_json(const Sheet& sheet, const Tested& test) {
  nlohmann::json row = json_of(test);
  row["gpu"] = test.gpu == the_machine ? nlohmann::json() : nlohmann::json(test.gpu);
  row["outcome"] = word_of(test.outcome);
  const bool open = test.outcome == Outcome::failed || test.outcome == Outcome::inconclusive;
  row["repeat"] = open ? nlohmann::json(repeat_command(sheet, test)) : nlohmann::json();
  return row;
}

nlohmann::json to_json(const Threshold& one) {
  return {{"id", one.id}, {"value", one.value}, {"unit", one.unit}, {"text", one.text}, {"source", one.source}};
}

}  // namespace

nlohmann::json to_json(const Sheet& sheet, bool strict) {
  const Decision decision = decide(sheet, strict);
  const Counts all = count_all(sheet.tests);
  nlohmann::json gpus = nlohmann::json::array(), tests = nlohmann::json::array(), limits = nlohmann::json::array();
  for (const Measured& gpu : sheet.gpus) {
    gpus.push_back(json_of(gpu));
    gpus.back()["verdict"] = standing(sheet, gpu.gpu);
  }
  for (const Tested& test : sheet.tests) tests.push_back(to_json(sheet, test));
  for (const Threshold& one : thresholds()) limits.push_back(to_json(one));
  return {{"schema_version", sheet_schema_version},
          {"kind", kind},
          {"sha256", std::string(sum_digits, '0')},
          {"verdict",
           {{"word", decision.word},
            {"headline", decision.headline},
            {"next", decision.next},
            {"exit_code", static_cast<int>(decision.code)},
            {"passed", all.passed},
            {"failed", all.failed},
            {"not_tested", all.not_tested},
            {"inconclusive", all.inconclusive}}},
          {"run",
           {{"started_utc", sheet.started_utc},
            {"ended_utc", sheet.ended_utc},
            {"version", sheet.version},
            {"commit", sheet.commit},
            {"command", sheet.command},
            {"mode", sheet.mode},
            {"steady_s", sheet.steady_s},
            {"against", sheet.against}}},
          {"machine",
           {{"hostname", sheet.hostname},
            {"driver", sheet.driver},
            {"cuda_driver", sheet.cuda_driver},
            {"check", sheet.check}}},
          {"gpus", gpus},
          {"tests", tests},
          {"thresholds", limits},
          {"notes", sheet.notes},
          {"does_not_say", does_not_say()}};
}

std::string sum_of(std::string_view text) {
  std::string with_zeros(text);
  if (const std::size_t at = with_zeros.find(sum_key); at != std::string::npos)
    with_zeros.replace(at + sum_key.size(), sum_digits, sum_digits, '0');
  return sha256_text(with_zeros);
}

std::string sheet_text(const Sheet& sheet, bool strict) {
  std::string text = to_json(sheet, strict).dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  text.replace(text.find(sum_key) + sum_key.size(), sum_digits, sum_of(text));
  return text;
}

Sheet read_sheet(const std::string& path) {
  const std::string text = read_text(path);
  const nlohmann::json document = parse_json(text, path);
  if (!document.is_object() || document.value("kind", "") != kind)
    throw ResultError(path + ": is no sheet of kernelgate accept; name the file that it wrote");
  try {
    if (document.at("sha256") != sum_of(text))
      throw ResultError(path + ": was changed after it was written: its sum is another; use the file as it was",
                        ExitCode::refused);
    Sheet sheet;
    const nlohmann::json &run = document.at("run"), &machine = document.at("machine");
    sheet.started_utc = run.at("started_utc");
    sheet.ended_utc = run.at("ended_utc");
    sheet.version = run.at("version");
    sheet.commit = run.at("commit");
    sheet.command = run.at("command");
    sheet.mode = run.at("mode");
    sheet.steady_s = run.at("steady_s");
    sheet.against = run.at("against");
    sheet.hostname = machine.at("hostname");
    sheet.driver = machine.at("driver");
    sheet.cuda_driver = machine.at("cuda_driver");
    sheet.check = machine.at("check");
    read_fields(document.at("gpus"), sheet.gpus);
    for (nlohmann::json row : document.at("tests")) {
      Tested test;
      test.outcome = outcome_of(row.at("outcome"));
      if (row.at("gpu").is_null()) row["gpu"] = the_machine;
      read_fields(row, test);
      sheet.tests.push_back(std::move(test));
    }
    document.at("notes").get_to(sheet.notes);
    return sheet;
  } catch (const nlohmann::json::exception& error) {
    throw ResultError(fmt::format("{}: is no whole sheet: {}", path, plain(error)));
  }
}

const std::vector<std::string>& does_not_say() {
  static const std::vector<std::string> all = {
      ("That a GPU is free of silent data corruption: a fault that shows once in many hours, or with other operands, "
       "is not found in this time. It says how many launches were right."),
      ("Anything about wgmma, Tensor Memory and other units that mma.sync does not reach: on sm_90 and later products "
       "in e4m3 are made of others."),
      "Anything about the network, NCCL between machines, disks, the host's memory and its cores.",
      ("That the speed is what the model promises: GPUs are compared with each other, with their links and memory, "
       "and with their own earlier sheet."),
      "Anything about tests that were not tested; they are listed with the reason, and count as no pass."};
  return all;
}

}  // namespace kernelgate::accept
