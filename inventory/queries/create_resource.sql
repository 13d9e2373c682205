-- No row: the name is taken.
INSERT INTO resource (id, type, name, description, attributes)
VALUES (:'id'::uuid, :'type'::text, :'name'::text, :'description'::text, :'attributes'::jsonb)
ON CONFLICT ON CONSTRAINT resource_name_unique_in_type DO NOTHING
RETURNING id, type, name, description, attributes, create_time, update_time;
