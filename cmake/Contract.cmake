# From .proto files to C: protobuf-c's own generator, and protogen for everything that it does not
# know. All of it lands in ${DEPOT_GEN}; nothing generated is ever committed.

set(DEPOT_GEN ${PROJECT_BINARY_DIR}/gen)
set(DEPOT_CONTRACT_SET ${DEPOT_GEN}/contract.pb)

# Where Debian keeps google/protobuf/*.proto.
find_path(DEPOT_WELL_KNOWN_ROOT google/protobuf/descriptor.proto REQUIRED)

# The well-known types that a contract may use.
set(DEPOT_WELL_KNOWN
  google/protobuf/duration.proto
  google/protobuf/empty.proto
  google/protobuf/field_mask.proto
  google/protobuf/timestamp.proto
  google/protobuf/wrappers.proto)

# depot_contract_library(depot_contract SET contract.pb ROOTS dir... PROTOS a/v1/a.proto...
#                        [WELL_KNOWN google/protobuf/empty.proto...]
#                        [BESIDE depot/rpc/v1/reasons.proto...] [LINK library...])
#
# A static library of the tables (lib/pb/schema.h) and protobuf-c's C of the .proto files, whose
# names are relative to the first of ROOTS; the others are for imports. The descriptor set is taken
# over only when protogen has nothing against it. Files BESIDE are in the set for what they declare
# (reasons are named without an import); C of them is in another library.
function(depot_contract_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "SET" "ROOTS;PROTOS;WELL_KNOWN;BESIDE;LINK")
  list(GET arg_ROOTS 0 root)
  list(TRANSFORM arg_ROOTS PREPEND -I OUTPUT_VARIABLE includes)
  list(APPEND includes -I${DEPOT_WELL_KNOWN_ROOT})
  list(TRANSFORM arg_PROTOS PREPEND ${root}/ OUTPUT_VARIABLE files)
  # What may be imported counts too: options are declared there.
  set(others ${arg_ROOTS})
  list(REMOVE_AT others 0)
  foreach(other IN LISTS others)
    file(GLOB_RECURSE imports CONFIGURE_DEPENDS ${other}/*.proto)
    list(APPEND files ${imports})
  endforeach()
  set(set_file ${DEPOT_GEN}/${arg_SET})
  file(MAKE_DIRECTORY ${DEPOT_GEN})

  add_custom_command(
    OUTPUT ${set_file}
    COMMAND ${PROTOC} ${includes} --include_imports --include_source_info
            --descriptor_set_out=${set_file}.new ${arg_PROTOS} ${arg_WELL_KNOWN} ${arg_BESIDE}
    COMMAND protogen check ${set_file}.new
    COMMAND ${CMAKE_COMMAND} -E rename ${set_file}.new ${set_file}
    DEPENDS ${files} protogen
    COMMENT "Checking the contract ${arg_SET}"
    VERBATIM)

  # Files that only carry options make no C: they say so themselves. protobuf-c keeps the field
  # descriptors static in its .pb-c.c; the table's .schema.c includes that file and is compiled
  # in its place.
  foreach(proto IN LISTS arg_WELL_KNOWN arg_PROTOS)
    set(source ${root}/${proto})
    if(proto IN_LIST arg_WELL_KNOWN)
      set(source ${DEPOT_WELL_KNOWN_ROOT}/${proto})
    endif()
    file(STRINGS ${source} no_c REGEX "^option \\(pb_c_file\\)\\.no_generate = true;")
    if(no_c)
      continue()
    endif()
    string(REGEX REPLACE "\\.proto$" "" stem ${proto})
    set(out ${DEPOT_GEN}/${stem})
    add_custom_command(
      OUTPUT ${out}.pb-c.c ${out}.pb-c.h
      COMMAND ${PROTOC_C} ${includes} --c_out=${DEPOT_GEN} ${proto}
      DEPENDS ${source}
      COMMENT "C of ${proto}"
      VERBATIM)
    list(APPEND generated ${proto})
    list(APPEND tables ${out}.schema.c ${out}.schema.h)
    list(APPEND pb_c ${out}.pb-c.c ${out}.pb-c.h)
  endforeach()
  add_custom_command(
    OUTPUT ${tables}
    COMMAND protogen schema ${set_file} ${DEPOT_GEN} ${generated}
    DEPENDS ${set_file} protogen
    COMMENT "Tables of the contract ${arg_SET}"
    VERBATIM)
  set_source_files_properties(${pb_c} PROPERTIES HEADER_FILE_ONLY ON)

  add_library(${name} STATIC ${tables} ${pb_c})
  target_include_directories(${name} PUBLIC ${DEPOT_GEN} ${PROJECT_SOURCE_DIR}/lib)
  target_link_libraries(${name}
    PRIVATE depot_flags_generated PUBLIC PkgConfig::protobuf_c ${arg_LINK})
endfunction()

# A service: depot_service(inventory PROTO depot/inventory/v1/inventory.proto), called in the
# service's own folder. Behind its own contract may stand those of the platform that it fulfils, too.
# Makes
#   <name>_core   a library of handlers/*.c, the folder's other .c files and what is generated of
#                 the contract and of queries/*.sql
#   <name>        the program, of main.c
# The file's name is the join key of a method, hence the globs.
function(depot_service name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "PROTO")
  list(GET arg_PROTO 0 own)
  string(REGEX REPLACE "\\.proto$" "" stem ${own})
  set(here ${CMAKE_CURRENT_SOURCE_DIR})
  file(GLOB handlers CONFIGURE_DEPENDS ${here}/handlers/*.c ${here}/*.c)
  list(REMOVE_ITEM handlers ${here}/main.c)
  file(GLOB queries CONFIGURE_DEPENDS ${here}/queries/*.sql)
  set(out ${DEPOT_GEN}/${stem})

  add_custom_command(
    OUTPUT ${out}.handlers.c ${out}.handlers.h
    COMMAND protogen handlers ${DEPOT_CONTRACT_SET} ${DEPOT_GEN} ${arg_PROTO}
    DEPENDS ${DEPOT_CONTRACT_SET} protogen
    COMMENT "Dispatch table of ${name}"
    VERBATIM)
  add_custom_command(
    OUTPUT ${out}.queries.c ${out}.queries.h
    COMMAND protogen queries ${DEPOT_CONTRACT_SET} ${DEPOT_GEN} ${arg_PROTO} ${name}/queries
            ${queries}
    DEPENDS ${DEPOT_CONTRACT_SET} protogen ${queries}
    COMMENT "Queries of ${name}"
    VERBATIM)

  add_library(${name}_dispatch OBJECT
    ${out}.handlers.c ${out}.handlers.h ${out}.queries.c ${out}.queries.h)
  target_link_libraries(${name}_dispatch PRIVATE depot_flags_generated depot_service)

  add_library(${name}_core STATIC ${handlers})
  target_include_directories(${name}_core PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name}_core PRIVATE depot_flags PUBLIC depot_service)
  target_sources(${name}_core PRIVATE $<TARGET_OBJECTS:${name}_dispatch>)
  add_dependencies(${name}_core ${name}_dispatch)

  add_executable(${name} ${here}/main.c)
  target_link_libraries(${name} PRIVATE depot_flags ${name}_core)
endfunction()
