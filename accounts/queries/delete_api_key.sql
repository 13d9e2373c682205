-- No row: there is none, or none of one's own. Access tokens that were given for it name it as their
-- session. A try that removes nothing is on record, too, whether there is such a key or not: nobody can
-- tell by the time that it takes.
WITH removed AS (
    DELETE FROM api_key
    WHERE id = :'id'::uuid
      AND (account_id = :'caller_id'::uuid OR :'caller_sees_all'::boolean)
    RETURNING id
), revoked AS (
    INSERT INTO revocation (session_id) SELECT id FROM removed
), recorded AS (
    INSERT INTO depot_audit (actor_id, actor, action, object, client_address, request_id, outcome)
    SELECT :'caller_id'::uuid, :'caller_name'::text, 'DeleteApiKey', id::text,
           :'client_address'::text, :'request_id'::text, 'OK'
    FROM removed
    UNION ALL
    SELECT :'caller_id'::uuid, :'caller_name'::text, 'DeleteApiKey', :'id'::uuid::text,
           :'client_address'::text, :'request_id'::text, 'RESOURCE_NOT_FOUND'
    WHERE NOT EXISTS (SELECT FROM removed)
)
SELECT id FROM removed;
