# SPDX-License-Identifier: Apache-2.0
# Builds and runs the consumer project against weft, in an empty SCRATCH directory: cmake -D <name>=<value>... -P consume.cmake
#   VARIANT   package: what `cmake --install` of BUILD installs; subdirectory: SOURCE as a part of the consumer
#   SHARED, FLAVOUR, COMPILER, GENERATOR   how weft is to be built; BUILD_SHARED: what BUILD holds
cmake_minimum_required(VERSION 3.25)

function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
endfunction()

set(toolchain -G ${GENERATOR} -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_UNITY_BUILD=ON)  # a fifth of the time
set(weft_options -DWEFT_FLAVOUR=${FLAVOUR} -DBUILD_SHARED_LIBS=${SHARED})
set(library_only -DWEFT_TESTS=OFF -DWEFT_BENCH=OFF -DWEFT_TOOLS=OFF)
file(REMOVE_RECURSE "${SCRATCH}")

if(VARIANT STREQUAL package)
  # What the tree under test has built is what gets installed; the other kind of library has to be built first.
  if((SHARED AND NOT BUILD_SHARED) OR (BUILD_SHARED AND NOT SHARED))
    run("${CMAKE_COMMAND}" -S "${SOURCE}" -B "${SCRATCH}/weft" ${toolchain} ${weft_options} ${library_only})
    run("${CMAKE_COMMAND}" --build "${SCRATCH}/weft")
    set(BUILD "${SCRATCH}/weft")
  endif()
  run("${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${SCRATCH}/prefix")
  set(where "-Dweft_ROOT=${SCRATCH}/prefix")
else()
  set(where "-DWEFT_SOURCE_DIR=${SOURCE}" ${weft_options})
endif()

run("${CMAKE_COMMAND}" -S "${CMAKE_CURRENT_LIST_DIR}/consumer" -B "${SCRATCH}/consumer" ${toolchain} ${where})
run("${CMAKE_COMMAND}" --build "${SCRATCH}/consumer")
run("${SCRATCH}/consumer/consumer")
