# SPDX-License-Identifier: Apache-2.0
# Sourced by tools/run and tools/test: the Debian packages a build needs, installing those that are missing, and the build itself.

weft_packages=(
  binutils clang-19 clang-format-19 clang-tidy-19 cmake g++ git libabsl-dev libbenchmark-dev libclang-rt-19-dev libgtest-dev libtbb-dev
  libtbbbind-2-5 ninja-build nlohmann-json3-dev python3 spin valgrind
)
# What only the matrix of compiler probes needs, which is a part of tools/test --full.
weft_matrix_packages=(clang-16 libclang-rt-16-dev)

# say <text>: progress, apart from what the program itself prints.
say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

# missing_packages: the names that dpkg does not hold as installed, one a line.
missing_packages() {
  local package
  for package in "${weft_packages[@]}"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || printf '%s\n' "$package"
  done
}

# install_packages: makes every package present, as root or through sudo; exits with 2, naming them, if that cannot be.
install_packages() {
  local missing as_root=()
  mapfile -t missing < <(missing_packages)
  [ "${#missing[@]}" -gt 0 ] || return 0
  if [ "$(id -u)" != 0 ]; then
    # A password can only be asked for where somebody can answer.
    if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
      as_root=(sudo)
    else
      say "missing packages, and neither root nor sudo to install them: ${missing[*]}"
      say "ask an administrator for: apt-get install --no-install-recommends ${missing[*]}"
      exit 2
    fi
  fi
  if ! command -v apt-get >/dev/null; then
    say "missing packages, and no apt-get to install them (Debian 12 is what this script knows): ${missing[*]}"
    exit 2
  fi
  say "installing through apt: ${missing[*]}"
  if ! "${as_root[@]}" apt-get update -q ||
    ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"; then
    say "apt-get failed, as it says above; missing packages: ${missing[*]}"
    say "see to the sources of apt and to the network, then try again: apt-get install --no-install-recommends ${missing[*]}"
    exit 2
  fi
}

# build_release <target>...: configures build/release with everything on, so that both commands share one tree, and builds in it.
# Tests get ${timeout_factor-1} times as long as usual before ctest ends them.
build_release() {
  say "configuring build/release (clang++-19, release)"
  cmake -S "$root" -B "$root/build/release" -G Ninja -DCMAKE_CXX_COMPILER=clang++-19 -DWEFT_FLAVOUR=release \
    -DWEFT_TESTS=ON -DWEFT_BENCH=ON -DWEFT_TOOLS=ON -DWEFT_TIMEOUT_FACTOR="${timeout_factor-1}" --log-level=WARNING >&2
  say "building with $(nproc) jobs"
  cmake --build "$root/build/release" --parallel "$(nproc)" --target "$@" >&2
}
