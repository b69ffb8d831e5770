#include "bench/commands/survey_command.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bench/run/sides/read_survey.h"
#include "harness/base/atomic_file.h"
#include "harness/base/printable.h"
#include "harness/base/share.h"
#include "harness/report/coloured.h"
#include "harness/report/fleet/survey_report.h"

namespace kernelgate {

ExitCode survey_folder(const SurveyRequest& request) {
  SurveyOptions options;
  options.threshold = share_of("--threshold", request.threshold);
  const SurveyRead read = read_survey(request.folder);
  for (const std::string& text : read.found.unusable) fmt::print(stderr, "kernelgate: left out: {}\n", one_line(text));
  if (read.left_out > 0)
    fmt::print(stderr, "kernelgate: left out: {} results that were interrupted or injected\n", read.left_out);
  if (read.cards.empty())
    throw HarnessError(ExitCode::usage,
                       fmt::format("--fleet: no result in '{}' can be used; 'kernelgate run --out FILE' "
                                   "writes them",
                                   request.folder.string()));
  const Survey survey = survey_fleet(read.cards, read.cases, read.groups, options);
  if (!request.drain.empty()) replace_file(request.drain, drain_list(survey));
  if (request.json)
    fmt::print("{}\n", to_json(survey).dump(1, ' ', false, nlohmann::json::error_handler_t::replace));
  else
    fmt::print("{}", coloured(survey_text(survey), stdout));
  if (!survey.slow.empty()) return ExitCode::regression;
  return survey.compared == 0 && request.strict ? ExitCode::inconclusive : ExitCode::good;
}

}  // namespace kernelgate
