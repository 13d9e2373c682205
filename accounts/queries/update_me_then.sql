-- A new password, if the old one was right and nobody has given the account another one meanwhile.
-- All sessions end but the one that asks; its access token stays good, and so do API keys', since
-- what is revoked are the others by their ids. Only when they are very many it is the generation.
WITH changed AS (
    UPDATE account
    SET name = CASE WHEN :'set_name'::boolean THEN :'name'::text ELSE name END,
        password_hash = :'password_hash'::text,
        generation = generation + 1,
        version = version + 1,
        update_time = now()
    WHERE id = :'caller_id'::uuid
      AND NOT :'caller_sees_all'::boolean
      AND :'fits'::boolean
      AND generation = :'generation'::int
      AND (:'if_match'::text IN ('', '*')
           OR version::text = ANY (string_to_array(:'if_match'::text, ',')))
    RETURNING *
), ended AS (
    -- In order, as everybody locks sessions.
    DELETE FROM session
    WHERE id IN (SELECT session.id
                 FROM changed
                 JOIN session ON session.account_id = changed.id
                 WHERE session.id IS DISTINCT FROM :'session'::uuid
                 ORDER BY session.id
                 FOR UPDATE OF session)
    RETURNING id
), revoked AS (
    INSERT INTO revocation (session_id, account_id, generation)
    SELECT id, NULL, NULL
    FROM ended
    WHERE (SELECT count(*) FROM ended) <= 100
    UNION ALL
    SELECT NULL, id, generation
    FROM changed
    WHERE (SELECT count(*) FROM ended) > 100
), forgotten AS (
    DELETE FROM login_failure
    WHERE subject = :'pair'::bytea AND EXISTS (SELECT FROM changed)
), recorded AS (
    INSERT INTO depot_audit (actor_id, actor, action, object, client_address, request_id, outcome)
    SELECT :'caller_id'::uuid, :'caller_name'::text, 'UpdateMe', :'caller_id'::text,
           :'client_address'::text, :'request_id'::text,
           CASE WHEN :'fits'::boolean THEN 'OK' ELSE 'PASSWORD_WRONG' END
    WHERE NOT :'fits'::boolean OR EXISTS (SELECT FROM changed)
)
SELECT id, username, email, name, role, active, create_time, update_time, login_time,
       version::text AS etag
FROM changed;

-- A wrong password is as good as a failed login.
SELECT count_failures(ARRAY[:'pair'::bytea, :'address'::bytea, :'account'::bytea], 1)
WHERE NOT :'fits'::boolean;
