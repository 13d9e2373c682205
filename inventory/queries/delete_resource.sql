-- Whoever asks: a manager; bookings go with the vehicle.
-- Locked first, in a statement of its own: the next one then sees every allocation that was made
-- by whoever held the vehicle until now.
SELECT :'if_match'::text IN ('', '*')
       OR version::text = ANY (string_to_array(:'if_match'::text, ',')) AS matches
FROM resource
WHERE id = :'id'::uuid AND type = :'type'::text
FOR UPDATE;

-- No row, though the vehicle is there and has the version: it is in use. Its allocations are removed
-- here and not left to the foreign key: each that ends is on record.
WITH gone AS (
    DELETE FROM resource
    WHERE id = :'id'::uuid
      AND type = :'type'::text
      AND (:'if_match'::text IN ('', '*')
           OR version::text = ANY (string_to_array(:'if_match'::text, ',')))
      AND (:'force'::boolean
           OR NOT EXISTS (SELECT
                          FROM allocation
                          WHERE resource_id = :'id'::uuid AND during && tstzrange(now(), NULL)))
    RETURNING id
), ended AS (
    DELETE FROM allocation
    USING gone
    WHERE allocation.resource_id = gone.id
    RETURNING allocation.id
), recorded AS (
    INSERT INTO depot_audit (actor_id, actor, action, object, client_address, request_id, outcome)
    SELECT :'caller_id'::uuid, :'caller_name'::text, action, id::text,
           :'client_address'::text, :'request_id'::text, 'OK'
    FROM (SELECT 'DeleteResource' AS action, id FROM gone
          UNION ALL
          SELECT 'DeleteAllocation', id FROM ended) AS removed
)
SELECT id FROM gone;
