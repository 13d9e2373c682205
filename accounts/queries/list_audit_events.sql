-- Columns have the names, and nothing is NULL, as in the contract: that is what a filter sees.
SELECT number::text AS id, time, actor_id, actor, action, object, client_address, outcome, request_id
FROM (
    SELECT id AS number,
           time,
           coalesce(actor_id::text, '') AS actor_id,
           actor,
           action,
           object,
           client_address,
           outcome,
           request_id
    FROM depot_audit
) AS event
WHERE number < :'before'::bigint
  AND /* filter { */ true /* } */
ORDER BY number DESC
LIMIT :'limit'::int;
