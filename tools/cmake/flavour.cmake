# SPDX-License-Identifier: Apache-2.0
# What WEFT_FLAVOUR means: which compile and link flags the library gets, and which of them whoever links it must share.

set(weft_flavours release debug asan tsan model)
set(WEFT_FLAVOUR release CACHE STRING "What weft is built for: release, debug, asan, tsan or model")
set_property(CACHE WEFT_FLAVOUR PROPERTY STRINGS ${weft_flavours})
if(NOT WEFT_FLAVOUR IN_LIST weft_flavours)
  string(REPLACE ";" ", " allowed "${weft_flavours}")
  message(FATAL_ERROR "WEFT_FLAVOUR is \"${WEFT_FLAVOUR}\"; it must be one of: ${allowed}")
endif()

# The fast path is inlined into whoever links weft, so what changes its code is shared with them, installed or not.
set(weft_shared_definitions_debug WEFT_DEBUG=1)
set(weft_shared_definitions_asan WEFT_DEBUG=1)
set(weft_shared_definitions_model WEFT_MODEL=1)
set(weft_shared_flags_asan -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
set(weft_shared_flags_tsan -fsanitize=thread -fno-omit-frame-pointer)

# How our own code is optimised is our own affair.
set(weft_own_flags_release -O3 -DNDEBUG)
set(weft_own_flags_debug -O1 -g)
set(weft_own_flags_asan -O0 -g1)
set(weft_own_flags_tsan -O1 -g1)
set(weft_own_flags_model -O1 -g1)

# Somebody who builds weft inside a project of their own may have a newer compiler, with warnings that we have not seen; and g++ 12 warns
# of what its own instrumentation makes of code that is fine.
set(weft_warnings_are_errors ${PROJECT_IS_TOP_LEVEL})
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND WEFT_FLAVOUR MATCHES "^(asan|tsan)$")
  set(weft_warnings_are_errors OFF)
endif()

# weft_own_target(<target>): warnings are errors and the flavour's optimisation, for a target of this repository.
function(weft_own_target target)
  target_compile_options(${target} PRIVATE ${weft_own_flags_${WEFT_FLAVOUR}} -Wall -Wextra -Wnon-virtual-dtor -Woverloaded-virtual)
  # Of CMAKE_UNITY_BUILD only the library makes use.
  set_target_properties(${target} PROPERTIES COMPILE_WARNING_AS_ERROR ${weft_warnings_are_errors} CXX_EXTENSIONS OFF UNITY_BUILD OFF)
endfunction()

# weft_flavoured(<library>): the library itself, which also passes on what its users have to share.
function(weft_flavoured library)
  weft_own_target(${library})
  target_compile_definitions(${library} PUBLIC ${weft_shared_definitions_${WEFT_FLAVOUR}})
  target_compile_options(${library} PUBLIC ${weft_shared_flags_${WEFT_FLAVOUR}})
  target_link_options(${library} PUBLIC ${weft_shared_flags_${WEFT_FLAVOUR}})
  if(CMAKE_UNITY_BUILD)
    set_target_properties(${library} PROPERTIES UNITY_BUILD ON)
    # g++ takes the files that are put together for headers.
    target_compile_options(${library} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  endif()
  if(WEFT_FLAVOUR STREQUAL release)
    # Fortified calls and stack guards in the compiled, cold half only: users choose for their own code.
    target_compile_options(${library} PRIVATE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong)
  elseif(WEFT_FLAVOUR STREQUAL model)
    target_include_directories(${library} PUBLIC "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/tests/support>")
  endif()
endfunction()
