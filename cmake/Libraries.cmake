# The libraries of others, all from Debian 12.

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(nng CONFIG REQUIRED)
pkg_check_modules(protobuf_c REQUIRED IMPORTED_TARGET libprotobuf-c)
pkg_check_modules(pq REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(zlib REQUIRED IMPORTED_TARGET zlib)

find_program(PROTOC protoc REQUIRED)
find_program(PROTOC_C protoc-c REQUIRED)

# llhttp comes as C sources with Debian's node-llhttp.
add_library(llhttp STATIC EXCLUDE_FROM_ALL
  /usr/share/llhttp/api.c /usr/share/llhttp/http.c /usr/share/llhttp/llhttp.c)
target_include_directories(llhttp SYSTEM PUBLIC /usr/share/include/llhttp)
target_compile_definitions(llhttp PUBLIC LLHTTP_STRICT_MODE=1)
target_compile_options(llhttp PRIVATE -O2 -fPIE)
if(DEPOT_FUZZ)
  target_compile_options(llhttp PRIVATE -fsanitize=${DEPOT_SANITIZE})
endif()
