# From .proto files to C: protobuf-c's own generator, and protogen for everything that it does not
# know. All of it lands in ${DEPOT_GEN}; nothing generated is ever committed.

set(DEPOT_GEN ${PROJECT_BINARY_DIR}/gen)
set(DEPOT_CONTRACT_SET ${DEPOT_GEN}/contract.pb)
set(DEPOT_PROTO_ROOT ${PROJECT_SOURCE_DIR}/proto)

# Where Debian keeps google/protobuf/*.proto.
find_path(DEPOT_WELL_KNOWN_ROOT google/protobuf/descriptor.proto REQUIRED)

# The well-known types that a contract may use.
set(DEPOT_WELL_KNOWN
  google/protobuf/duration.proto
  google/protobuf/empty.proto
  google/protobuf/field_mask.proto
  google/protobuf/timestamp.proto
  google/protobuf/wrappers.proto)

# protobuf-c's C of one .proto (a path below its root); appends the sources to ${out}.
function(depot_protobuf_c root proto)
  string(REGEX REPLACE "\\.proto$" "" stem ${proto})
  add_custom_command(
    OUTPUT ${DEPOT_GEN}/${stem}.pb-c.c ${DEPOT_GEN}/${stem}.pb-c.h
    COMMAND ${PROTOC_C} -I${DEPOT_PROTO_ROOT} -I${DEPOT_WELL_KNOWN_ROOT} --c_out=${DEPOT_GEN}
            ${proto}
    DEPENDS ${root}/${proto}
    COMMENT "C of ${proto}"
    VERBATIM)
endfunction()
