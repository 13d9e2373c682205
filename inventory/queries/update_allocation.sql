-- The vehicle, locked in a statement of its own: whoever makes an allocation of it holds it FOR KEY
-- SHARE, so that the next statement sees all that there are, and nobody makes another meanwhile.
SELECT id
FROM resource
WHERE id = :'resource_id'::uuid AND type = :'type'::text
FOR UPDATE;

-- No row: there is no such allocation. Else one for each period that is in the way, or a single one.
-- It is changed only if nothing is in the way, so that the exclusion constraint never fails, and
-- only to what is a period: `period` is NULL if it would be empty or reversed, or without both ends
-- and not said to be unbounded.
WITH wanted AS (
    SELECT id,
           is_own,
           matches,
           start_time,
           end_time,
           CASE
               WHEN start_time >= end_time THEN NULL
               WHEN start_time IS NULL AND end_time IS NULL AND NOT :'unbounded'::boolean THEN NULL
               ELSE tstzrange(start_time, end_time)
           END AS period
    FROM (
        SELECT allocation.id,
               (:'caller_sees_all'::boolean OR allocation.owner_id = :'caller_id'::uuid) IS TRUE AS is_own,
               :'if_match'::text IN ('', '*')
                   OR allocation.version::text = ANY (string_to_array(:'if_match'::text, ',')) AS matches,
               CASE WHEN :'set_start_time'::boolean THEN :'start_time'::timestamptz
                    ELSE lower(allocation.during) END AS start_time,
               CASE WHEN :'set_end_time'::boolean THEN :'end_time'::timestamptz
                    ELSE upper(allocation.during) END AS end_time
        FROM allocation
        JOIN resource ON resource.id = allocation.resource_id
        WHERE allocation.id = :'id'::uuid
          AND resource.id = :'resource_id'::uuid
          AND resource.type = :'type'::text
    ) AS ends
), conflict AS (
    SELECT other.id, lower(other.during) AS start_time, upper(other.during) AS end_time
    FROM wanted
    JOIN allocation AS other ON other.resource_id = :'resource_id'::uuid
                            AND other.id <> wanted.id
                            AND other.during && wanted.period
    ORDER BY other.during
    LIMIT 10
), gap AS (
    -- As in create_allocation; its own period is no obstacle.
    SELECT upper(other.during) AS start_time,
           lead(lower(other.during)) OVER (ORDER BY other.during) AS end_time,
           wanted.end_time - wanted.start_time AS length
    FROM wanted
    JOIN allocation AS other ON other.resource_id = :'resource_id'::uuid
                            AND other.id <> wanted.id
                            AND other.during && tstzrange(wanted.start_time, NULL)
    WHERE wanted.start_time IS NOT NULL AND EXISTS (SELECT FROM conflict)
), changed AS (
    UPDATE allocation
    SET during = wanted.period,
        kind = CASE WHEN :'set_kind'::boolean THEN :'kind'::text ELSE kind END,
        description = CASE WHEN :'set_description'::boolean THEN :'description'::text
                           ELSE description END,
        attributes = CASE WHEN :'set_attributes'::boolean THEN :'attributes'::jsonb
                          ELSE attributes END,
        version = version + :'set_any'::boolean::int
    FROM wanted
    WHERE allocation.id = wanted.id
      AND wanted.is_own
      AND wanted.period IS NOT NULL
      AND NOT EXISTS (SELECT FROM conflict)
      AND (:'if_match'::text IN ('', '*')
           OR version::text = ANY (string_to_array(:'if_match'::text, ',')))
    RETURNING allocation.id
), recorded AS (
    INSERT INTO depot_audit (actor_id, actor, action, object, client_address, request_id, outcome)
    SELECT :'caller_id'::uuid, :'caller_name'::text, 'UpdateAllocation', id::text,
           :'client_address'::text, :'request_id'::text, 'OK'
    FROM changed
), refused AS (
    INSERT INTO depot_audit (actor_id, actor, action, object, client_address, request_id, outcome)
    SELECT :'caller_id'::uuid, :'caller_name'::text, 'UpdateAllocation', id::text,
           :'client_address'::text, :'request_id'::text, 'NOT_ALLOWED'
    FROM wanted
    WHERE NOT is_own
)
SELECT wanted.is_own,
       wanted.matches,
       wanted.start_time AS wanted_start,
       wanted.end_time AS wanted_end,
       wanted.period IS NOT NULL AS is_period,
       conflict.id IS NOT NULL AS is_conflict,
       changed.id IS NOT NULL AS is_changed,
       conflict.start_time,
       conflict.end_time,
       (SELECT min(gap.start_time)
        FROM gap
        WHERE gap.end_time IS NULL OR gap.end_time - gap.start_time >= gap.length) AS next_available
FROM wanted
LEFT JOIN changed ON true
LEFT JOIN conflict ON true
ORDER BY conflict.start_time NULLS FIRST;

-- What it is now.
SELECT allocation.id,
       resource.type AS resource_type,
       resource.id AS resource_id,
       allocation.kind,
       lower(allocation.during) AS start_time,
       upper(allocation.during) AS end_time,
       allocation.description,
       allocation.attributes,
       allocation.create_time,
       allocation.version::text AS etag,
       allocation.owner_id
FROM allocation
JOIN resource ON resource.id = allocation.resource_id
WHERE allocation.id = :'id'::uuid
  AND resource.id = :'resource_id'::uuid
  AND resource.type = :'type'::text;
