-- No row: there is no such allocation of this vehicle. `is_own`: the caller may take it away. Locked
-- first, in a statement of its own, so that the version that is asked for here is the one that the
-- next statement sees.
SELECT :'if_match'::text IN ('', '*')
       OR allocation.version::text = ANY (string_to_array(:'if_match'::text, ',')) AS matches,
       (:'caller_sees_all'::boolean OR allocation.owner_id = :'caller_id'::uuid) IS TRUE AS is_own
FROM allocation
JOIN resource ON resource.id = allocation.resource_id
WHERE allocation.id = :'id'::uuid
  AND resource.id = :'resource_id'::uuid
  AND resource.type = :'type'::text
FOR UPDATE OF allocation;

-- No row, though the allocation is there: it has another version, or is somebody else's.
WITH gone AS (
    DELETE FROM allocation
    USING resource
    WHERE allocation.id = :'id'::uuid
      AND allocation.resource_id = :'resource_id'::uuid
      AND resource.id = allocation.resource_id
      AND resource.type = :'type'::text
      AND (:'caller_sees_all'::boolean OR allocation.owner_id = :'caller_id'::uuid)
      AND (:'if_match'::text IN ('', '*')
           OR allocation.version::text = ANY (string_to_array(:'if_match'::text, ',')))
    RETURNING allocation.id
), recorded AS (
    INSERT INTO depot_audit (actor_id, actor, action, object, client_address, request_id, outcome)
    SELECT :'caller_id'::uuid, :'caller_name'::text, 'DeleteAllocation', id::text,
           :'client_address'::text, :'request_id'::text, 'OK'
    FROM gone
), refused AS (
    INSERT INTO depot_audit (actor_id, actor, action, object, client_address, request_id, outcome)
    SELECT :'caller_id'::uuid, :'caller_name'::text, 'DeleteAllocation', allocation.id::text,
           :'client_address'::text, :'request_id'::text, 'NOT_ALLOWED'
    FROM allocation
    JOIN resource ON resource.id = allocation.resource_id
    WHERE allocation.id = :'id'::uuid
      AND resource.id = :'resource_id'::uuid
      AND resource.type = :'type'::text
      AND (:'caller_sees_all'::boolean OR allocation.owner_id = :'caller_id'::uuid) IS NOT TRUE
)
SELECT id FROM gone;
