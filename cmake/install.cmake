# Installs the executable, the data, the libraries and headers with a CMake package: afterwards
# find_package(masala) provides masala::app and the libraries under it.
include(CMakePackageConfigHelpers)

foreach(library IN ITEMS model targets learned search io app)
  set_target_properties(masala_${library} PROPERTIES EXPORT_NAME ${library})
endforeach()
install(TARGETS masala RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS masala_model masala_targets masala_learned masala_search masala_io
        masala_app EXPORT masala-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/masala DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY data/ DESTINATION ${CMAKE_INSTALL_DATADIR}/masala)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/masala)
install(EXPORT masala-targets NAMESPACE masala:: DESTINATION ${package_dir})
configure_package_config_file(cmake/masala-config.cmake.in
  ${PROJECT_BINARY_DIR}/masala-config.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/masala-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/masala-config.cmake ${PROJECT_BINARY_DIR}/masala-config-version.cmake
        DESTINATION ${package_dir})
