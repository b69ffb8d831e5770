#pragma once
// What Google Benchmark says of a host at the top of its documents.

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace kernelgate {

/// Of this host, now. What can't be read is left out.
nlohmann::json host_context(const std::string& date_utc, const std::string& executable);

}  // namespace kernelgate
