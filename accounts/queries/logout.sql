-- By a refresh token it is that token's session, if it is the newest one or the one before.
WITH ended AS (
    DELETE FROM session
    WHERE id = :'session_id'::uuid
      AND (account_id = :'caller_id'::uuid OR :'caller_sees_all'::boolean)
      AND (:'token_hash'::bytea IS NULL
           OR token_number = :'token_number'::integer AND token_hash = :'token_hash'::bytea
           OR token_number = :'token_number'::integer + 1 AND token_hash = :'next_hash'::bytea)
    RETURNING id
), revoked AS (
    INSERT INTO revocation (session_id) SELECT id FROM ended
), noted AS (
    INSERT INTO depot_audit (actor_id, actor, action, object, client_address, request_id, outcome)
    SELECT :'caller_id'::uuid, :'caller_name'::text, 'Logout', id::text, :'client_address'::text,
           :'request_id'::text, 'OK'
    FROM ended
)
SELECT id FROM ended;
