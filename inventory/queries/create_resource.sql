-- No row: the name is taken. Who holds the name's lock and sees nobody with the name waits for nobody
-- either: a name that is about to be given up, by a change or a removal in a transaction that still
-- runs, counts as taken, or two that take each other's names would wait for each other.
WITH made AS (
    INSERT INTO resource (id, type, name, description, attributes)
    SELECT :'id'::uuid, :'type'::text, :'name'::text, :'description'::text, :'attributes'::jsonb
    WHERE NOT EXISTS (SELECT FROM resource WHERE type = :'type'::text AND name = :'name'::text)
    ON CONFLICT ON CONSTRAINT resource_name_unique_in_type DO NOTHING
    RETURNING *
), recorded AS (
    INSERT INTO depot_audit (actor_id, actor, action, object, client_address, request_id, outcome)
    SELECT :'caller_id'::uuid, :'caller_name'::text, 'CreateResource', id::text,
           :'client_address'::text, :'request_id'::text, 'OK'
    FROM made
)
SELECT id, type, name, description, attributes, create_time, update_time, version::text AS etag
FROM made;
