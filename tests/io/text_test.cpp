#include "masala/io/text.h"

#include <gtest/gtest.h>

#include "io/io_test_support.h"
#include "io/sha256.h"

namespace masala::io {
namespace {

using Integer = std::optional<std::int64_t>;

TEST(Text, IntegersAreExactOrIntegralNumbers) {
  EXPECT_EQ(parse_integer("9223372036854775807"), Integer(9223372036854775807));
  EXPECT_EQ(parse_integer("-3"), Integer(-3));
  EXPECT_EQ(parse_integer("1e3"), Integer(1000));
  EXPECT_EQ(parse_integer("3.0"), Integer(3));
  for (const char* text : {"",
                           " 3",
                           "3 ",
                           "3.5",
                           "9223372036854775808",
                           "1e300",
                           "0x10",
                           "nan",
                           "inf",
                           "3,0",
                           "three",
                           "1e",
                           "--3",
                           "+3"}) {
    EXPECT_EQ(parse_integer(text), std::nullopt) << text;
  }
}

TEST(Text, NumbersAreFinite) {
  EXPECT_EQ(parse_number("-1.5e-3"), std::optional<double>(-1.5e-3));
  for (const char* text : {"", "nan", "inf", "-inf", "1e999", "1.5x", ".nan"}) {
    EXPECT_EQ(parse_number(text), std::nullopt) << text;
  }
}

TEST(Text, ExcerptsAreShortAndPrintable) {
  EXPECT_EQ(shown("K16"), "\"K16\"");
  EXPECT_EQ(shown(std::string("a\0\n\xff\x1b", 5)), "\"a????\"");
  EXPECT_EQ(shown("größe"), "\"größe\"");
  EXPECT_EQ(shown(std::string(100, 'x')), "\"" + std::string(60, 'x') + "...\"");
}

TEST(Text, SuggestionsAreCloseNamesOnly) {
  const std::vector<std::string> names = {"gemmini", "gemmini-rtl", "eyeriss"};
  EXPECT_EQ(did_you_mean("gemini", names), " (did you mean gemmini?)");
  EXPECT_EQ(did_you_mean("Gemmini-RLT", names), " (did you mean gemmini-rtl?)");
  EXPECT_EQ(did_you_mean("tpu", names), "");
  EXPECT_EQ(did_you_mean("", names), "");
  EXPECT_EQ(did_you_mean("W", {"K"}), "") << "nothing in common";
  EXPECT_EQ(did_you_mean(std::string(1 << 20, 'g'), names), "");
}

TEST(Text, BinaryContentIsRefusedWithItsLine) {
  EXPECT_NO_THROW(require_text("größe\t1\r\n\xEF\xBB\xBF", "f"));
  EXPECT_EQ(error_of([] { require_text(std::string("a\nb\0c", 5), "f"); }),
            "f:2: control character; expected a text file");
  // A stray byte, an overlong form, a surrogate, a value above U+10FFFF, a cut sequence.
  for (const char* text : {"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82"}) {
    EXPECT_EQ(error_of([&] { require_text(text, "f"); }), "f:1: not UTF-8; expected a text file");
  }
}

TEST(Sha256, MatchesThePublishedExamples) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Text, CaseIsIgnoredOnRequest) {
  EXPECT_TRUE(equal_but_for_case("Batch_Size", "batch_size"));
  EXPECT_FALSE(equal_but_for_case("batch", "batch_size"));
  EXPECT_FALSE(equal_but_for_case("H", "W"));
  EXPECT_TRUE(contains_but_for_case("Measured_Cycles", "cycle"));
  EXPECT_FALSE(contains_but_for_case("cycl", "cycle"));
}

}  // namespace
}  // namespace masala::io
