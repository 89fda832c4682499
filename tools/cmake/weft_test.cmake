# SPDX-License-Identifier: Apache-2.0
# weft_test(<file> <kind>): the one way a C++ test enters the suite.
#
# The test is named after the file's stem, labelled with its kind, and is one entry of ctest however many cases it holds, so that
# a machine of two cores does not pay a process a case. An executable that ran no case, or left one out by skipping or disabling it,
# has failed: what a flavour cannot run is said here, in sight, with
#   weft_test(<file> <kind> NOT_UNDER <flavour>... BECAUSE <reason>)
# Every kind has its own timeout in seconds; slower code is given three times as long, and WEFT_TIMEOUT_FACTOR stretches all of them
# for runs of more than the usual size.
set(WEFT_TIMEOUT_FACTOR 1 CACHE STRING "How many times as long as usual a test may take")
set(weft_timeout_unit 60)
set(weft_timeout_api 60)
set(weft_timeout_regress 120)
set(weft_timeout_fault 300)
set(weft_timeout_probe 300)
set(weft_timeout_bench 300)
set(weft_timeout_tool 300)
set(weft_timeout_check 900)
set(weft_timeout_install 600)
set(weft_timeout_model 600)
set(weft_timeout_promela 900)
set(weft_timeout_stress 600)
if(WEFT_FLAVOUR MATCHES "^(asan|tsan|model)$")
  set(weft_timeout_factor 3)
  set(weft_test_launcher "${PROJECT_SOURCE_DIR}/tests/support/sanitized")
else()
  set(weft_timeout_factor 1)
  set(weft_test_launcher "")
endif()

# tests_<kind> builds the tests of one kind, of those that test the library.
foreach(kind unit api regress stress fault model probe)
  add_custom_target(tests_${kind})
endforeach()

# weft_test_program(<target> <kind>): flags, libraries and include directories of a test's program.
function(weft_test_program target kind)
  weft_own_target(${target})
  if(kind STREQUAL model)
    target_link_libraries(${target} PRIVATE weft_explored GTest::gtest_main)
  else()
    target_link_libraries(${target} PRIVATE weft::weft GTest::gtest_main)
  endif()
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}" "${PROJECT_SOURCE_DIR}/tests/support")
endfunction()

# What nearly every test includes is compiled once for all of them. The prologue would make system headers of ours, whose warnings do
# not count.
set(CMAKE_PCH_PROLOGUE "")
file(CONFIGURE OUTPUT precompiled_headers.cpp CONTENT "// Compiled for what is included before it.\n")
add_library(weft_test_headers OBJECT "${CMAKE_CURRENT_BINARY_DIR}/precompiled_headers.cpp")
weft_test_program(weft_test_headers unit)
target_precompile_headers(weft_test_headers PRIVATE <gtest/gtest.h> <weft/weft.hpp>)
set(weft_not_precompiled api model)  # api tests compile as users' files do; a model's flags differ
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  list(APPEND weft_not_precompiled fault)  # g++ 12 would warn of moves of std::string in them that are fine
endif()

# weft_test_kind(<test> <kind>): label and timeout of a ctest entry that is no GoogleTest executable, too.
function(weft_test_kind test kind)
  if(NOT DEFINED weft_timeout_${kind})
    message(FATAL_ERROR "${test}: there is no test kind \"${kind}\"; tools/cmake/weft_test.cmake lists the kinds")
  endif()
  math(EXPR timeout "${weft_timeout_${kind}} * ${weft_timeout_factor} * ${WEFT_TIMEOUT_FACTOR}")
  set_tests_properties(${test} PROPERTIES LABELS ${kind} TIMEOUT ${timeout})
  if(kind MATCHES "^(stress|bench|check)$")
    set_tests_properties(${test} PROPERTIES RUN_SERIAL TRUE)  # it uses every core itself
  endif()
endfunction()

function(weft_test file kind)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "BECAUSE" "NOT_UNDER")
  cmake_path(GET file STEM test)
  if(arg_NOT_UNDER AND NOT arg_BECAUSE)
    message(FATAL_ERROR "${file}: NOT_UNDER ${arg_NOT_UNDER} needs BECAUSE <reason>")
  endif()
  if(WEFT_FLAVOUR IN_LIST arg_NOT_UNDER)
    message(STATUS "not run under ${WEFT_FLAVOUR}: ${test} (${arg_BECAUSE})")
    return()
  endif()
  add_executable(${test} ${file})
  weft_test_program(${test} ${kind})
  if(NOT kind IN_LIST weft_not_precompiled)
    target_precompile_headers(${test} REUSE_FROM weft_test_headers)
  endif()
  if(TARGET tests_${kind})
    add_dependencies(tests_${kind} ${test})
  endif()
  add_test(NAME ${test} COMMAND ${weft_test_launcher} "$<TARGET_FILE:${test}>")
  set_tests_properties(${test} PROPERTIES FAIL_REGULAR_EXPRESSION "Running 0 tests;\\[  SKIPPED \\];YOU HAVE [0-9]+ DISABLED TEST")
  weft_test_kind(${test} ${kind})
endfunction()
