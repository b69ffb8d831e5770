#include "kernels/tile/cluster_places.h"

#include <gtest/gtest.h>

namespace kernelgate::tile {
namespace {

TEST(ClusterPlaces, OfAnH100) {
  EXPECT_EQ(cluster_places(132, 1), 132);
  EXPECT_EQ(cluster_places(132, 2), 66);
  EXPECT_EQ(cluster_places(132, 4), 32) << "not 33: two GPCs have two multiprocessors more, which are no four";
  EXPECT_EQ(cluster_places(132, 8), 16);
}

TEST(ClusterPlaces, OneAtLeast) {
  EXPECT_EQ(cluster_places(1, 8), 1);
  EXPECT_EQ(cluster_places(0, 1), 1);
}

}  // namespace
}  // namespace kernelgate::tile
