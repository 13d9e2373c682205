# What is derived and kept in the repository, for readers: tests/contract fails when it is stale.

add_custom_target(docs
  COMMAND protogen errors ${DEPOT_CONTRACT_SET} ${PROJECT_SOURCE_DIR}/docs
  COMMAND ${PROJECT_SOURCE_DIR}/tools/config_docs.sh ${PROJECT_BINARY_DIR}
          ${PROJECT_SOURCE_DIR}/docs/config.md
  DEPENDS ${DEPOT_CONTRACT_SET}
  COMMENT "docs/errors.md and docs/config.md"
  VERBATIM)
add_dependencies(docs protogen programs)
