-- Locked first, in a statement of its own: no row means that there is no such vehicle, and the
-- version that is asked for here is the one that the next statement sees.
SELECT :'if_match'::text IN ('', '*')
       OR version::text = ANY (string_to_array(:'if_match'::text, ',')) AS matches
FROM resource
WHERE id = :'id'::uuid AND type = :'type'::text
FOR UPDATE;

-- No row, though the vehicle is there and has the version: the name is taken. Nobody is waited for,
-- as in create_resource. What changes nothing leaves the version as it is.
WITH changed AS (
    UPDATE resource
    SET name = CASE WHEN :'set_name'::boolean THEN :'name'::text ELSE name END,
        description = CASE WHEN :'set_description'::boolean THEN :'description'::text
                           ELSE description END,
        attributes = CASE WHEN :'set_attributes'::boolean THEN :'attributes'::jsonb
                          ELSE attributes END,
        version = version + :'set_any'::boolean::int,
        update_time = CASE WHEN :'set_any'::boolean THEN now() ELSE update_time END
    WHERE id = :'id'::uuid
      AND type = :'type'::text
      AND (:'if_match'::text IN ('', '*')
           OR version::text = ANY (string_to_array(:'if_match'::text, ',')))
      AND NOT (:'set_name'::boolean
               AND EXISTS (SELECT
                           FROM resource AS other
                           WHERE other.type = :'type'::text
                             AND other.name = :'name'::text
                             AND other.id <> :'id'::uuid))
    RETURNING *
), recorded AS (
    INSERT INTO depot_audit (actor_id, actor, action, object, client_address, request_id, outcome)
    SELECT :'caller_id'::uuid, :'caller_name'::text, 'UpdateResource', id::text,
           :'client_address'::text, :'request_id'::text, 'OK'
    FROM changed
)
SELECT id, type, name, description, attributes, create_time, update_time, version::text AS etag
FROM changed;
