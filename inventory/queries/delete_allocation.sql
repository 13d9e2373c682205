-- No row: there is no such allocation of this vehicle.
DELETE FROM allocation
USING resource
WHERE allocation.id = :'id'::uuid
  AND allocation.resource_id = :'resource_id'::uuid
  AND resource.id = allocation.resource_id
  AND resource.type = :'type'::text
RETURNING allocation.id;
