-- Whoever asks: it becomes the caller's own; of others only the periods are told.
-- No row: there is no such vehicle. A row without an id: the period is taken. The vehicle is
-- locked against removal, so that the foreign key never fails.
WITH vehicle AS (
    SELECT id, type
    FROM resource
    WHERE id = :'resource_id'::uuid AND type = :'type'::text
    FOR KEY SHARE
), made AS (
    INSERT INTO allocation (id, resource_id, kind, during, description, attributes, owner_id)
    SELECT :'id'::uuid,
           vehicle.id,
           :'kind'::text,
           tstzrange(:'start_time'::timestamptz, :'end_time'::timestamptz),
           :'description'::text,
           :'attributes'::jsonb,
           :'caller_id'::uuid
    FROM vehicle
    ON CONFLICT ON CONSTRAINT allocation_never_overlaps DO NOTHING
    RETURNING *
), recorded AS (
    INSERT INTO depot_audit (actor_id, actor, action, object, client_address, request_id, outcome)
    SELECT :'caller_id'::uuid, :'caller_name'::text, 'CreateAllocation', id::text,
           :'client_address'::text, :'request_id'::text, 'OK'
    FROM made
)
SELECT made.id,
       vehicle.type AS resource_type,
       vehicle.id AS resource_id,
       made.kind,
       lower(made.during) AS start_time,
       upper(made.during) AS end_time,
       made.description,
       made.attributes,
       made.create_time,
       made.version::text AS etag,
       made.owner_id
FROM vehicle
LEFT JOIN made ON true;

-- What is in the way. The statement above cannot see a winner that it waited for; this one can.
SELECT lower(during) AS start_time, upper(during) AS end_time
FROM allocation
WHERE resource_id = :'resource_id'::uuid
  AND during && tstzrange(:'start_time'::timestamptz, :'end_time'::timestamptz)
  AND NOT EXISTS (SELECT FROM allocation WHERE id = :'id'::uuid)
ORDER BY during
LIMIT 10;

-- The first gap from the wanted start on that is as long as what is wanted. Without a wanted start
-- there is none; without a wanted end only what follows the last allocation will do.
SELECT gap.start_time AS next_available
FROM (
    SELECT upper(during) AS start_time,
           lead(lower(during)) OVER (ORDER BY during) AS end_time
    FROM allocation
    WHERE resource_id = :'resource_id'::uuid
      AND during && tstzrange(:'start_time'::timestamptz, NULL)
      AND :'start_time'::timestamptz IS NOT NULL
      AND NOT EXISTS (SELECT FROM allocation WHERE id = :'id'::uuid)
) AS gap
WHERE gap.start_time IS NOT NULL
  AND (gap.end_time IS NULL
       OR gap.end_time - gap.start_time >= :'end_time'::timestamptz - :'start_time'::timestamptz)
ORDER BY gap.start_time
LIMIT 1;
