// SPDX-License-Identifier: Apache-2.0
// Starts python3 and reads its line.
#include "python_process.hpp"

#include <chrono>
#include <sstream>
#include <stdexcept>
#include <string>

#include "../child_process.hpp"

namespace weft::bench {

python_answers compute_in_python(std::string_view workload, int warm_up_size, int size) {
  const std::string python = find_program("python3");
  if (python.empty()) throw std::runtime_error("there is no python3 in PATH");
  // Whoever measures has a limit of its own and kills us, and our child with us.
  const child_end end =
      run_child({python, "-c", std::string(python_source), std::string(workload), std::to_string(warm_up_size), std::to_string(size)},
                std::chrono::hours(24), [] {});
  if (end.how != child_end::kind::exited || end.code != 0) throw std::runtime_error("python3 " + in_words(end));
  python_answers read;
  std::istringstream line(end.output);
  if (!(line >> read.warm_up >> read.answer >> read.seconds >> read.peak_rss_kib)) {
    throw std::runtime_error("python3 printed something else than two answers, seconds and KiB: " + end.output);
  }
  return read;
}

}  // namespace weft::bench
