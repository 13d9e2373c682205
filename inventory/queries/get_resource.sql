SELECT id, type, name, description, attributes, create_time, update_time
FROM resource
WHERE id = :'id'::uuid AND type = :'type'::text;
