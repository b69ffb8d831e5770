#include "harness/report/coloured.h"

#include "harness/base/colour.h"

namespace kernelgate {
namespace {

constexpr Paint painted_words[] = {
    {"SLOWER", Colour::bad},          {"WRONG", Colour::bad},          {"INVALID", Colour::bad},
    {"NOT_COMPARABLE", Colour::bad},  {"SUITE_SHIFT", Colour::bad},    {"FAILURE", Colour::bad},
    {"NOT MET", Colour::bad},         {"GPU NOT USABLE", Colour::bad}, {"ENVIRONMENT_SHIFT", Colour::unsure},
    {"INCONCLUSIVE", Colour::unsure}, {"POSSIBLE", Colour::unsure},    {"WARNING", Colour::unsure},
    {"NO GPU", Colour::unsure},       {"FASTER", Colour::good},        {"SAME", Colour::good},
    {"GPU USABLE", Colour::good},     {"Decided", Colour::strong},     {"Exit code", Colour::strong},
    {"Next", Colour::strong},         {"Do first", Colour::strong}};

}  // namespace

std::string coloured(std::string text, std::FILE* stream) {
  if (shows_colour(stream)) text = painted(text, painted_words);
  return text;
}

}  // namespace kernelgate
