#pragma once
// Numbers for people: four significant digits and a unit that fits.

#include <string>

namespace kernelgate {

std::string show_seconds(double seconds);                         // "12.35 µs"
std::string show_rate(double per_second, const char* unit);       // "1.234 TFLOP/s"
std::string show_amount(double amount, const char* unit);         // "1.234 MB", "96 B"
std::string show_change(double ratio, int decimals = 1);          // "+10.2 %"; 1 is "+0.0 %"; from ten on "12x"
std::string show_log_change(double log_ratio, int decimals = 1);  // the same of a ratio's logarithm

/// The smallest slowdown that would be found, "+8.3 %"; "nothing" where ten times as long would not be.
std::string show_finds(double ratio);

/// Of the work that the algorithm needs: FLOP/s, or B/s where it needs fewer than 10 FLOP a byte, since memory
/// is what limits it there on any GPU or CPU of today. Empty when neither is known.
std::string show_throughput(double flop, double bytes, double seconds);

}  // namespace kernelgate
