// SPDX-License-Identifier: Apache-2.0
// Every input of the corpus, with every build: what the fuzzer found worth keeping goes as the protocol promises.
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

TEST(corpus, goes_as_the_protocol_promises) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(WEFT_FUZZ_CORPUS)) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::vector<char> bytes(std::istreambuf_iterator<char>(file), {});
    SCOPED_TRACE(entry.path());
    EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()), 0);
    ++count;
  }
  EXPECT_GE(count, 20U) << "in " << WEFT_FUZZ_CORPUS;
}

}  // namespace
