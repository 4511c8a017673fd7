# Compiler flags for everything that is ours, and the libraries, all from Debian 12.

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()

add_compile_options(
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor
  -Wold-style-cast -Woverloaded-virtual -Wimplicit-fallthrough -Werror
  -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-Wno-restrict)  # g++ 12 sees overlaps in std::string + that are not there (GCC bug 105329)
  add_compile_options(--param=ggc-min-heapsize=524288)  # collect garbage above 512 MB only: a tenth of the time
endif()
add_compile_definitions(_GLIBCXX_ASSERTIONS)
option(STORMDOOR_JOIN "Compile several sources of a folder as one" OFF)
option(STORMDOOR_PRECOMPILE "Precompile the headers of other people (g++ only)" ON)

if(STORMDOOR_SANITIZE)
  add_compile_options(-fsanitize=${STORMDOOR_SANITIZE} -fno-sanitize-recover=all -g1 -O1)
  add_link_options(-fsanitize=${STORMDOOR_SANITIZE})
elseif(CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  add_compile_options(-D_FORTIFY_SOURCE=2 -fstack-protector-strong -g1)
  add_link_options(-Wl,-z,relro,-z,now -pie)
elseif(CMAKE_BUILD_TYPE STREQUAL "Debug")
  add_compile_options(-g1)  # lines and functions for backtraces; variables would cost a fifth more time
endif()

if(STORMDOOR_FUZZ)
  # clang 19 calls a helper inside g++ 12's std::stable_sort deprecated; g++ watches over our own.
  add_compile_options(-fsanitize=fuzzer-no-link -Wno-deprecated-declarations)
endif()

# Both are conveniences: without them the build is the same, only slower.
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # Without the two sloppinesses ccache passes by whatever uses a precompiled header.
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE_PROGRAM})
endif()
find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()

find_package(PkgConfig REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(CURL REQUIRED)
find_package(Threads REQUIRED)
find_package(tomlplusplus QUIET)
if(NOT TARGET tomlplusplus::tomlplusplus)
  pkg_check_modules(tomlplusplus REQUIRED IMPORTED_TARGET tomlplusplus)
  add_library(tomlplusplus::tomlplusplus ALIAS PkgConfig::tomlplusplus)
endif()
pkg_check_modules(libevent REQUIRED IMPORTED_TARGET libevent_core libevent_extra libevent_pthreads)
pkg_check_modules(libevent_openssl REQUIRED IMPORTED_TARGET libevent_openssl)
pkg_check_modules(pcap REQUIRED IMPORTED_TARGET libpcap)
pkg_check_modules(qrencode REQUIRED IMPORTED_TARGET libqrencode)
pkg_check_modules(seccomp REQUIRED IMPORTED_TARGET libseccomp)
pkg_check_modules(nftables REQUIRED IMPORTED_TARGET libnftables)
pkg_check_modules(netfilter_queue REQUIRED IMPORTED_TARGET libnetfilter_queue)
find_package(prometheus-cpp CONFIG COMPONENTS core QUIET)
if(NOT TARGET prometheus-cpp::core)
  pkg_check_modules(prometheus_core REQUIRED IMPORTED_TARGET prometheus-cpp-core)
  add_library(prometheus-cpp::core ALIAS PkgConfig::prometheus_core)
endif()
