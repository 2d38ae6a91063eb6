# cmake --install: library, headers, program, manual pages, completion; ketgrad.pc for pkg-config and
# ketgradConfig.cmake for find_package(). Folders are those of GNUInstallDirs; DESTDIR is obeyed.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/ketgrad)

install(TARGETS ketgrad EXPORT ketgradTargets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT runtime NAMELINK_COMPONENT development)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/ketgrad TYPE INCLUDE
  COMPONENT development FILES_MATCHING PATTERN "*.h")
install(EXPORT ketgradTargets NAMESPACE ketgrad:: DESTINATION ${package_dir} COMPONENT development)

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/ketgradConfig.cmake.in
  ${PROJECT_BINARY_DIR}/ketgradConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/ketgradConfigVersion.cmake
  VERSION ${PROJECT_VERSION} COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/ketgradConfig.cmake ${PROJECT_BINARY_DIR}/ketgradConfigVersion.cmake
  DESTINATION ${package_dir} COMPONENT development)

# Folders in ketgrad.pc hang on where the file lies, so that all may be installed or moved elsewhere.
file(RELATIVE_PATH to_prefix ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" PC_PREFIX "\${pcfiledir}/${to_prefix}")
foreach(dir IN ITEMS LIBDIR INCLUDEDIR)
  if(IS_ABSOLUTE ${CMAKE_INSTALL_${dir}})
    set(PC_${dir} ${CMAKE_INSTALL_${dir}})
  else()
    set(PC_${dir} "\${prefix}/${CMAKE_INSTALL_${dir}}")
  endif()
endforeach()
configure_file(${CMAKE_CURRENT_LIST_DIR}/ketgrad.pc.in ${PROJECT_BINARY_DIR}/ketgrad.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/ketgrad.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/share/models DESTINATION ${CMAKE_INSTALL_DATADIR}/ketgrad
  COMPONENT runtime FILES_MATCHING PATTERN "*.yaml")

if(NOT TARGET ketgrad_cli)
  return()
endif()
# $ORIGIN: a program and a library that are moved together stay together.
file(RELATIVE_PATH to_lib ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
set_target_properties(ketgrad_cli PROPERTIES INSTALL_RPATH "$ORIGIN/${to_lib}")
install(TARGETS ketgrad_cli RUNTIME COMPONENT runtime)

# Pages and scripts are printed by the program itself, from the tables of its options.
if(NOT CMAKE_CROSSCOMPILING)
  set(pages ${PROJECT_BINARY_DIR}/pages)
  add_custom_command(OUTPUT ${pages}/done
    COMMAND ${CMAKE_COMMAND} -D PROGRAM=$<TARGET_FILE:ketgrad_cli> -D PAGES=${pages}
      -P ${CMAKE_CURRENT_LIST_DIR}/Pages.cmake
    DEPENDS ketgrad_cli ${CMAKE_CURRENT_LIST_DIR}/Pages.cmake
    COMMENT "Writing manual pages" VERBATIM)
  add_custom_target(ketgrad_pages ALL DEPENDS ${pages}/done)
  install(DIRECTORY ${pages}/man1 TYPE MAN COMPONENT runtime FILES_MATCHING PATTERN "*.1")
  install(FILES ${pages}/ketgrad.bash RENAME ketgrad COMPONENT runtime
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
  install(FILES ${pages}/_ketgrad COMPONENT runtime
    DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
endif()
