SELECT allocation.id,
       resource.type AS resource_type,
       resource.id AS resource_id,
       allocation.kind,
       lower(allocation.during) AS start_time,
       upper(allocation.during) AS end_time,
       allocation.description,
       allocation.attributes,
       allocation.create_time,
       allocation.version::text AS etag
FROM allocation
JOIN resource ON resource.id = allocation.resource_id
WHERE allocation.id = :'id'::uuid
  AND resource.id = :'resource_id'::uuid
  AND resource.type = :'type'::text;
