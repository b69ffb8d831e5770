#pragma once
// Which way of timing a figure comes from.

namespace kernelgate {

/// Raised with every change that can move figures of unchanged code: what is flushed, how a sample is delimited, which
/// samples are kept, how the warm-up ends, what runs beside the timed work. Results of two versions are not comparable
/// unless that is declared (`--vary timing_version`).
///   3  on a GPU, a hot sample's launches wait behind a flush, too, so that the host's latency is never inside
///   2  the order of the cases and where tensors begin are drawn by each process run
inline constexpr int timing_version = 3;

}  // namespace kernelgate
