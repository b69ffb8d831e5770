#pragma once
// The operands of TMA instructions, which have one name for each number of coordinates.

#include "kernels/simt/config.h"

#if SIMT_ON_GPU
#define SIMT_TMA_1(at) "r"(at[0])
#define SIMT_TMA_2(at) SIMT_TMA_1(at), "r"(at[1])
#define SIMT_TMA_3(at) SIMT_TMA_2(at), "r"(at[2])
#define SIMT_TMA_4(at) SIMT_TMA_3(at), "r"(at[3])
#define SIMT_TMA_5(at) SIMT_TMA_4(at), "r"(at[4])

// SIMT_TMA_BY_RANK_<n>(PTX, at): PTX("<RANK>d", its coordinates as operands from %n on, their values).
#define SIMT_TMA_BY_RANK_2(PTX, at)              \
  if constexpr (RANK == 1)                       \
    PTX("1d", "%2", SIMT_TMA_1(at));             \
  else if constexpr (RANK == 2)                  \
    PTX("2d", "%2, %3", SIMT_TMA_2(at));         \
  else if constexpr (RANK == 3)                  \
    PTX("3d", "%2, %3, %4", SIMT_TMA_3(at));     \
  else if constexpr (RANK == 4)                  \
    PTX("4d", "%2, %3, %4, %5", SIMT_TMA_4(at)); \
  else                                           \
    PTX("5d", "%2, %3, %4, %5, %6", SIMT_TMA_5(at))
#define SIMT_TMA_BY_RANK_3(PTX, at)              \
  if constexpr (RANK == 1)                       \
    PTX("1d", "%3", SIMT_TMA_1(at));             \
  else if constexpr (RANK == 2)                  \
    PTX("2d", "%3, %4", SIMT_TMA_2(at));         \
  else if constexpr (RANK == 3)                  \
    PTX("3d", "%3, %4, %5", SIMT_TMA_3(at));     \
  else if constexpr (RANK == 4)                  \
    PTX("4d", "%3, %4, %5, %6", SIMT_TMA_4(at)); \
  else                                           \
    PTX("5d", "%3, %4, %5, %6, %7", SIMT_TMA_5(at))
#define SIMT_TMA_BY_RANK_4(PTX, at)              \
  if constexpr (RANK == 1)                       \
    PTX("1d", "%4", SIMT_TMA_1(at));             \
  else if constexpr (RANK == 2)                  \
    PTX("2d", "%4, %5", SIMT_TMA_2(at));         \
  else if constexpr (RANK == 3)                  \
    PTX("3d", "%4, %5, %6", SIMT_TMA_3(at));     \
  else if constexpr (RANK == 4)                  \
    PTX("4d", "%4, %5, %6, %7", SIMT_TMA_4(at)); \
  else                                           \
    PTX("5d", "%4, %5, %6, %7, %8", SIMT_TMA_5(at))
#define SIMT_TMA_BY_RANK_5(PTX, at)              \
  if constexpr (RANK == 1)                       \
    PTX("1d", "%5", SIMT_TMA_1(at));             \
  else if constexpr (RANK == 2)                  \
    PTX("2d", "%5, %6", SIMT_TMA_2(at));         \
  else if constexpr (RANK == 3)                  \
    PTX("3d", "%5, %6, %7", SIMT_TMA_3(at));     \
  else if constexpr (RANK == 4)                  \
    PTX("4d", "%5, %6, %7, %8", SIMT_TMA_4(at)); \
  else                                           \
    PTX("5d", "%5, %6, %7, %8, %9", SIMT_TMA_5(at))
#endif
