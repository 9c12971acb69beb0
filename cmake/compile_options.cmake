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

# Precompiles <torch/types.h> once for the targets that use tensors.
function(masala_precompile_torch target)
  if(MASALA_PCH)
    target_precompile_headers(${target} PRIVATE <torch/types.h> <torch/csrc/autograd/autograd.h>)
  endif()
endfunction()
function(masala_reuse_precompiled target from)
  if(MASALA_PCH)
    target_precompile_headers(${target} REUSE_FROM ${from})
  endif()
endfunction()
