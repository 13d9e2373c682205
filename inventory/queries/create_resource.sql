-- No row: the name is taken. Who holds the name's lock and sees nobody with the name waits for nobody
-- either: a name that is about to be given up, by a change or a removal in a transaction that still
-- runs, counts as taken, or two that take each other's names would wait for each other.
INSERT INTO resource (id, type, name, description, attributes)
SELECT :'id'::uuid, :'type'::text, :'name'::text, :'description'::text, :'attributes'::jsonb
WHERE NOT EXISTS (SELECT FROM resource WHERE type = :'type'::text AND name = :'name'::text)
ON CONFLICT ON CONSTRAINT resource_name_unique_in_type DO NOTHING
RETURNING id, type, name, description, attributes, create_time, update_time, version::text AS etag;
