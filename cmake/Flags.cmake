# How our own code is compiled. Generated code uses depot_flags_generated: the same without the
# warnings that protobuf-c's generator does not know of.

add_library(depot_flags_generated INTERFACE)
target_compile_definitions(depot_flags_generated INTERFACE _GNU_SOURCE)
target_compile_options(depot_flags_generated INTERFACE -fno-strict-aliasing -fno-omit-frame-pointer)

add_library(depot_flags INTERFACE)
target_link_libraries(depot_flags INTERFACE depot_flags_generated)
target_compile_options(depot_flags INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2)
if(DEPOT_WERROR)
  target_compile_options(depot_flags INTERFACE -Werror)
endif()

if(DEPOT_SANITIZE)
  target_compile_options(depot_flags_generated INTERFACE
    -fsanitize=${DEPOT_SANITIZE} -fno-sanitize-recover=undefined)
  target_link_options(depot_flags_generated INTERFACE -fsanitize=${DEPOT_SANITIZE})
endif()
if(DEPOT_COVERAGE)
  target_compile_options(depot_flags_generated INTERFACE --coverage -fprofile-update=atomic)
  target_link_options(depot_flags_generated INTERFACE --coverage)
endif()

# Hardening, where optimisation is on.
if(CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  target_compile_options(depot_flags_generated INTERFACE
    -O2 -fstack-protector-strong -fstack-clash-protection -fPIE)
  target_compile_definitions(depot_flags_generated INTERFACE _FORTIFY_SOURCE=2)
  target_link_options(depot_flags_generated INTERFACE -pie -Wl,-z,relro,-z,now)
  string(REPLACE "-DNDEBUG" "" CMAKE_C_FLAGS_RELWITHDEBINFO "${CMAKE_C_FLAGS_RELWITHDEBINFO}")
endif()
