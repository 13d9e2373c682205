-- No row: there is no such vehicle.
SELECT id
FROM resource
WHERE id = :'resource_id'::uuid AND type = :'type'::text;

-- Starts are unique within a vehicle, since its allocations never overlap. `after` is the start of
-- the last one that was seen: '' for none, '-infinity' for one without a start.
SELECT *
FROM (
    SELECT allocation.id,
           :'type'::text AS resource_type,
           allocation.resource_id,
           allocation.kind,
           lower(allocation.during) AS start_time,
           upper(allocation.during) AS end_time,
           CASE WHEN shown.it THEN allocation.description ELSE '' END AS description,
           CASE WHEN shown.it THEN allocation.attributes ELSE '{}' END AS attributes,
           allocation.create_time,
           allocation.version::text || CASE WHEN shown.it THEN '' ELSE '-public' END AS etag,
           CASE WHEN shown.it THEN allocation.owner_id END AS owner_id
    FROM allocation
    JOIN resource ON resource.id = allocation.resource_id
    CROSS JOIN LATERAL (
        SELECT :'caller_sees_all'::boolean OR allocation.owner_id = :'caller_id'::uuid AS it
    ) AS shown
    WHERE allocation.resource_id = :'resource_id'::uuid
      AND resource.type = :'type'::text
      AND allocation.during && tstzrange(:'start_time'::timestamptz, :'end_time'::timestamptz)
) AS listed
WHERE /* after { */
      (nullif(:'after'::text, '') IS NULL
       OR coalesce(start_time, timestamptz '-infinity') > nullif(:'after'::text, '')::timestamptz)
      /* } */
  AND /* filter { */ true /* } */
ORDER BY /* order { */ coalesce(start_time, timestamptz '-infinity') /* } */
LIMIT :'limit'::int;
