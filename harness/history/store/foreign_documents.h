#pragma once
// Other tools' files as documents of a history.

#include <filesystem>
#include <vector>

#include "harness/history/store/document_reader.h"
#include "harness/sides/foreign.h"

namespace kernelgate::history {

/// One run of another tool. Its identity names the tool, so that two tools' times never meet in a segment.
Document document_of(const Side& side, Environments& environments);

/// Each run that the file holds. A run is known by its figures and not by the file's bytes, so that a file that grows
/// adds what is new. Errors  as read_foreign_runs().
std::vector<ReadDocument> foreign_documents(const ForeignFormat& format, const nlohmann::json& whole,
                                            const std::filesystem::path& path, Environments& environments);

}  // namespace kernelgate::history
