# Flags of our own targets only. LibTorch 2.13 and later need C++20; 1.13 with clang 14 needs C++17.
if(Torch_VERSION VERSION_GREATER_EQUAL 2.13)
  set(MASALA_CXX_STANDARD cxx_std_20)
else()
  set(MASALA_CXX_STANDARD cxx_std_17)
endif()

add_library(masala_options INTERFACE)
target_compile_features(masala_options INTERFACE ${MASALA_CXX_STANDARD})
target_compile_options(masala_options INTERFACE -Wall -Wextra -Wshadow -Wpedantic -Wnon-virtual-dtor)
if(MASALA_SANITIZE)
  target_compile_options(masala_options INTERFACE
    -fsanitize=${MASALA_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(masala_options INTERFACE -fsanitize=${MASALA_SANITIZE})
endif()

# Sources that use tensors see precompiled LibTorch headers; the others of a target need not pay for
# them: masala_torch_sources(TARGET a.cpp b.cpp ...).
function(masala_torch_sources target)
  if(NOT MASALA_PCH)
    return()
  endif()
  if(target STREQUAL masala_model)
    target_precompile_headers(${target} PRIVATE <torch/types.h>)
  else()
    target_precompile_headers(${target} REUSE_FROM masala_model)
  endif()
  get_target_property(sources ${target} SOURCES)
  list(REMOVE_ITEM sources ${ARGN})
  set_source_files_properties(${sources} PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
endfunction()
