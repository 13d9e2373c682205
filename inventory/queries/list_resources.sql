SELECT id, type, name, description, attributes, create_time, update_time, version::text AS etag
FROM resource
WHERE type = :'type'::text AND id > :'after'::uuid
ORDER BY id
LIMIT :'limit'::int;
