-- What is said of an allocation is for its owner, and for whoever sees all; that the vehicle is taken
-- is for everybody. These are two representations of one version, so their tags differ; whoever sees
-- the second one may not change it, and no If-Match fits its tag.
SELECT allocation.id,
       resource.type AS resource_type,
       resource.id AS resource_id,
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
WHERE allocation.id = :'id'::uuid
  AND resource.id = :'resource_id'::uuid
  AND resource.type = :'type'::text;
