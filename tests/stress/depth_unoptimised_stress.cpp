// SPDX-License-Identifier: Apache-2.0
// The depth tests once more, built without optimisation, where a compiler may leave its tail calls out.
#include "depth_stress.cpp"  // NOLINT: the same tests on purpose
