# Everything comes from the distribution; scripts/setup installs it on Debian.
find_package(Torch 1.13 REQUIRED)
if(TORCH_CXX_FLAGS MATCHES "_GLIBCXX_USE_CXX11_ABI=0")
  message(FATAL_ERROR "This LibTorch uses the pre-C++11 ABI and cannot be linked with the system's "
                      "yaml-cpp, fmt and GoogleTest: use a cxx11-ABI build, or LibTorch >= 2.7.")
endif()
find_package(yaml-cpp REQUIRED)
if(NOT TARGET yaml-cpp::yaml-cpp)  # the target's name before yaml-cpp 0.8
  add_library(yaml-cpp::yaml-cpp ALIAS yaml-cpp)
endif()
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(cxxopts REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(Threads REQUIRED)

# libcsv ships neither a CMake package nor a pkg-config file.
find_path(LIBCSV_INCLUDE_DIR csv.h REQUIRED)
find_library(LIBCSV_LIBRARY csv REQUIRED)
add_library(masala_libcsv INTERFACE)
target_include_directories(masala_libcsv SYSTEM INTERFACE ${LIBCSV_INCLUDE_DIR})
target_link_libraries(masala_libcsv INTERFACE ${LIBCSV_LIBRARY})
