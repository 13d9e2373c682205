SELECT id, type, name, description, attributes, create_time, update_time, version::text AS etag
FROM resource
WHERE id = :'id'::uuid AND type = :'type'::text;
