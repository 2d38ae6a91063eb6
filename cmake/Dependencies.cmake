# One interface target per outside library: ketgrad_<name>. STYLE: each library has one home in src/.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(CRYPTO REQUIRED IMPORTED_TARGET libcrypto)
pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules(ZIP REQUIRED IMPORTED_TARGET libzip)

# The serial OpenBLAS, by its own folder: Debian's default alternative may be a threaded build, which
# starts threads at load and sums in an order of its own. The rpath keeps that choice at run time.
find_library(OPENBLAS_SERIAL openblas REQUIRED NO_DEFAULT_PATH PATHS
  /usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}/openblas-serial)
find_path(OPENBLAS_SERIAL_INCLUDE cblas.h REQUIRED NO_DEFAULT_PATH PATHS
  /usr/include/${CMAKE_LIBRARY_ARCHITECTURE}/openblas-serial)
cmake_path(GET OPENBLAS_SERIAL PARENT_PATH OPENBLAS_SERIAL_DIR)
find_library(SLEEF_LIBRARY sleef REQUIRED)
find_path(SLEEF_INCLUDE sleef.h REQUIRED)
find_path(RANDOM123_INCLUDE Random123/philox.h REQUIRED)

function(kg_dependency name)
  cmake_parse_arguments(arg "" "" "LIBS;INCLUDES" ${ARGN})
  add_library(ketgrad_${name} INTERFACE)
  target_link_libraries(ketgrad_${name} INTERFACE ${arg_LIBS})
  target_include_directories(ketgrad_${name} SYSTEM INTERFACE ${arg_INCLUDES})
endfunction()

kg_dependency(blas LIBS ${OPENBLAS_SERIAL} INCLUDES ${OPENBLAS_SERIAL_INCLUDE})
target_link_options(ketgrad_blas INTERFACE "LINKER:-rpath,${OPENBLAS_SERIAL_DIR}")
kg_dependency(crypto LIBS PkgConfig::CRYPTO)
# Opened for the first download (src/data/fetch.c), not linked: it would bring thirty libraries along.
kg_dependency(curl LIBS ${CMAKE_DL_LIBS} INCLUDES ${CURL_INCLUDE_DIRS})
kg_dependency(json LIBS PkgConfig::JANSSON)
kg_dependency(yaml LIBS PkgConfig::YAML)
kg_dependency(zip LIBS PkgConfig::ZIP)
kg_dependency(zlib LIBS ZLIB::ZLIB)
kg_dependency(sleef LIBS ${SLEEF_LIBRARY} INCLUDES ${SLEEF_INCLUDE})
kg_dependency(random123 INCLUDES ${RANDOM123_INCLUDE})
kg_dependency(m LIBS m)
kg_dependency(threads LIBS Threads::Threads)
