#include "app/file_names.h"

#include <gtest/gtest.h>

namespace masala::app {
namespace {

using Names = std::vector<std::string>;

TEST(FileNames, WhatFilesMayBeCalledStays) {
  EXPECT_EQ(distinct_file_names({"bert", "net-1", "U_net2"}), (Names{"bert", "net-1", "U_net2"}));
  EXPECT_EQ(distinct_c_identifiers({"bert", "U_net2"}), (Names{"bert", "U_net2"}));
}

TEST(FileNames, OtherCharactersBecomeUnderscores) {
  EXPECT_EQ(distinct_file_names({"a/b c.d"}), Names{"a_b_c_d"});
  EXPECT_EQ(distinct_c_identifiers({"net-1", "3d"}), (Names{"net_1", "_3d"}));
}

TEST(FileNames, NoTwoNamesShareAFile) {
  EXPECT_EQ(distinct_file_names({"net 1", "net.1"}), (Names{"net_1", "net_1_2"}));
  EXPECT_EQ(distinct_c_identifiers({"net 1", "net_1_2", "net-1"}),
            (Names{"net_1", "net_1_2", "net_1_3"}));
}

TEST(FileNames, ANameThatNeedsNoChangeKeepsItWhereverItStands) {
  EXPECT_EQ(distinct_file_names({"net 1", "net_1"}), (Names{"net_1_2", "net_1"}));
  EXPECT_EQ(distinct_file_names({"net_1", "net 1"}), (Names{"net_1", "net_1_2"}));
}

TEST(FileNames, CapitalsDoNotTellFilesApart) {
  EXPECT_EQ(distinct_file_names({"Net", "net"}), (Names{"Net", "net_2"}));
}

}  // namespace
}  // namespace masala::app
