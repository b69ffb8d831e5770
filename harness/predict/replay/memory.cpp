#include "harness/predict/replay/memory.h"

#include <algorithm>

namespace kernelgate::predict {

double Memory::read(const WarpTrace& trace, const Access& access, const Instruction& in, const Issued& issued,
                    double at) {
  const bool through_l1 = !in.has(Modifier::bypass);
  const bool wide = in.has(Modifier::ltc128b);
  double landed = at;
  for (std::uint32_t i = 0; i < access.sectors; ++i) {
    double came = 0;
    if (!access.address_known) {
      came = from_l2(at);
    } else {
      const std::uint64_t sector = trace.sectors[access.first_sector + i];
      const auto known = in_l1_.find(sector);
      if (through_l1 && known != in_l1_.end()) {
        came = std::max(at + gpu_.l1_latency, known->second);
      } else {
        came = options_.cold ? from_dram(issued, sector, wide, at) : from_l2(at);
        if (through_l1) in_l1_[sector] = came;
      }
    }
    landed = std::max(landed, came);
  }
  return landed;
}

double Memory::from_l2(double at) {
  ++l2_sectors;
  l2_free_ = std::max(l2_free_, at) + 32 / options_.l2_bytes_per_cycle;
  return l2_free_ + gpu_.l2_latency;
}

/// Warps of other blocks are taken to be as far as this one.
double Memory::first_asked(std::uint64_t number, const Issued& issued, double at) {
  if (options_.elsewhere == nullptr) return at;
  const auto other = options_.elsewhere->find(number);
  return other != options_.elsewhere->end() && other->second < issued.size()
             ? std::min<double>(at, issued[other->second])
             : at;
}

/// Whoever asks first brings a line to L2, and its neighbours with it: 64 bytes, or the 128 that the load asks for.
double Memory::from_dram(const Issued& issued, std::uint64_t sector, bool wide, double at) {
  const std::uint64_t half = sector / 2, pair = half ^ 1;
  const auto [line, first] = first_.try_emplace(wide ? half & ~std::uint64_t{1} : half, at);
  if (first) {
    ++dram_sectors;
    for (const std::uint64_t one : {half, wide ? pair : half})
      line->second = std::min(line->second, first_asked(one, issued, at));
  }
  return std::max(from_l2(at), line->second + gpu_.dram_latency);
}

double Memory::write(const Access& access, double at) {
  l2_free_ = std::max(l2_free_, at) + access.sectors * 32 / options_.l2_bytes_per_cycle;
  written_ = std::max(written_, l2_free_);
  return at + gpu_.register_read;
}

Memory::Box Memory::load_box(const Operation& box, const Issued& issued, double at) {
  double begins = std::max(at, tma_free_);
  while (!under_way_.empty() &&
         (under_way_.front().until <= begins || bytes_under_way_ + box.value > gpu_.tma_bytes_under_way)) {
    begins = std::max(begins, under_way_.front().until);
    bytes_under_way_ -= under_way_.front().bytes;
    under_way_.pop_front();
  }
  tma_free_ = begins + gpu_.tma_issue;
  l2_sectors += box.bytes / 32;
  l2_free_ = std::max(l2_free_, begins) + box.bytes / options_.l2_bytes_per_cycle;
  double comes = l2_free_ + gpu_.l2_latency;
  if (options_.boxes_from_dram) comes = std::max(comes, box_from_dram(box, issued, begins));
  comes += gpu_.tma_latency + (box.blocks != 0 ? gpu_.multicast : 0);
  under_way_.push_back({comes, box.value});
  bytes_under_way_ += box.value;
  return {begins, comes};
}

double Memory::box_from_dram(const Operation& box, const Issued& issued, double at) {
  const auto [line, first] = first_.try_emplace(box.box, at);
  if (!first) return line->second + dram_latency();
  dram_sectors += box.bytes / 32;
  line->second = first_asked(box.box, issued, at);
  if (options_.dram_bytes_per_cycle > 0) {
    dram_free_ = std::max(dram_free_, line->second) + box.bytes / options_.dram_bytes_per_cycle;
    line->second = std::max(line->second, dram_free_);
  }
  return line->second + dram_latency();
}

double Memory::fill(std::uint32_t bytes, double comes) {
  const double takes = bytes / gpu_.l2_bytes_per_cycle;
  fill_free_ = std::max(fill_free_, comes - takes) + takes;
  return fill_free_;
}

double Memory::store_box(const Operation& box, double at) {
  const double begins = std::max(at, tma_free_);
  tma_free_ = begins + gpu_.tma_issue;
  write_free_ = std::max(write_free_, begins) + box.bytes / options_.l2_bytes_per_cycle;
  written_ = std::max(written_, write_free_);
  return write_free_ + gpu_.shared_latency;
}

double Memory::read_other_shared(std::uint32_t bytes, double at) {
  other_free_ = std::max(other_free_, at) + bytes / gpu_.other_shared_bytes_per_cycle;
  return other_free_ + gpu_.other_shared_latency;
}

}  // namespace kernelgate::predict
