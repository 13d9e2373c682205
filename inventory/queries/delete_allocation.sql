-- No row: there is no such allocation of this vehicle. Locked first, in a statement of its own, so
-- that the version that is asked for here is the one that the next statement sees.
SELECT :'if_match'::text IN ('', '*')
       OR allocation.version::text = ANY (string_to_array(:'if_match'::text, ',')) AS matches
FROM allocation
JOIN resource ON resource.id = allocation.resource_id
WHERE allocation.id = :'id'::uuid
  AND resource.id = :'resource_id'::uuid
  AND resource.type = :'type'::text
FOR UPDATE OF allocation;

-- No row, though the allocation is there: it has another version.
DELETE FROM allocation
USING resource
WHERE allocation.id = :'id'::uuid
  AND allocation.resource_id = :'resource_id'::uuid
  AND resource.id = allocation.resource_id
  AND resource.type = :'type'::text
  AND (:'if_match'::text IN ('', '*')
       OR allocation.version::text = ANY (string_to_array(:'if_match'::text, ',')))
RETURNING allocation.id;
