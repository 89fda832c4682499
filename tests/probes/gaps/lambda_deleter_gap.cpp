// SPDX-License-Identifier: Apache-2.0
// A lambda's type as the deleter of a unique_ptr, inside another lambda, compiles (GCC 11 and 12: internal error).
// Instead: a named deleter.
#include <memory>

int main() {
  const auto make = [](auto value) {
    using T = decltype(value);
    return std::unique_ptr<T, decltype([](T* p) { delete p; })>(new T(value));
  };
  return *make(7) == 7 ? 0 : 1;
}
