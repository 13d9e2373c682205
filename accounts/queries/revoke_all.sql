-- Whoever asks: the operator.
-- All signing keys go at once, so no token that was ever made is good any more. In order, as
-- everybody locks sessions.
WITH ended AS (
    DELETE FROM session
    WHERE id IN (SELECT id FROM session ORDER BY id FOR UPDATE)
    RETURNING expire_time > now() AS good
), taken AS (
    DELETE FROM api_key WHERE :'api_keys'::boolean RETURNING id, expire_time > now() AS good
), retired AS (
    DELETE FROM signing_key
), made AS (
    INSERT INTO signing_key (kid, public_key, sealed_key, seal, sign_time)
    VALUES (:'kid'::text, :'public_key'::bytea, :'sealed_key'::bytea, :'seal'::text, now())
), noted AS (
    INSERT INTO depot_audit (actor_id, actor, action, object, client_address, request_id, outcome)
    SELECT :'caller_id'::uuid, :'caller_name'::text, action, object, :'client_address'::text,
           :'request_id'::text, 'OK'
    FROM (SELECT 'RevokeAll' AS action,
                 CASE WHEN :'api_keys'::boolean THEN 'sessions and API keys' ELSE 'sessions' END AS object
          UNION ALL
          SELECT 'DeleteApiKey', id::text FROM taken) AS event
)
SELECT (SELECT count(*) FILTER (WHERE good) FROM ended) AS sessions,
       (SELECT count(*) FILTER (WHERE good) FROM taken) AS api_keys;
