# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` copies: headers, library, licence, and a package that find_package(weft) finds.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

# Every header is public in the sense that a user's compiler needs it, so every header is installed.
file(GLOB weft_headers CONFIGURE_DEPENDS include/weft/*.h include/weft/*.hpp include/weft/detail/*.hpp)
target_sources(weft PUBLIC FILE_SET HEADERS BASE_DIRS include FILES ${weft_headers})
set_target_properties(weft PROPERTIES VERIFY_INTERFACE_HEADER_SETS ${WEFT_TESTS})

set(weft_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/weft")
install(
  TARGETS weft
  EXPORT weft_targets
  LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" NAMELINK_COMPONENT weft_development
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT weft_development
  FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT weft_development)
install(EXPORT weft_targets FILE weftTargets.cmake NAMESPACE weft:: DESTINATION "${weft_package_dir}" COMPONENT weft_development)
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}")

configure_package_config_file(tools/cmake/weftConfig.cmake.in weftConfig.cmake INSTALL_DESTINATION "${weft_package_dir}")
# Before 1.0 a minor version may break its users.
write_basic_package_version_file(weftConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(
  FILES "${PROJECT_BINARY_DIR}/weftConfig.cmake" "${PROJECT_BINARY_DIR}/weftConfigVersion.cmake"
  DESTINATION "${weft_package_dir}" COMPONENT weft_development)
