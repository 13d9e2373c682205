-- Whoever asks: the operator.
-- Made, or mended where something is missing; `password_hash` is NULL if the password is to stay.
-- No row: the address is somebody else's, or an account whose password was to stay has gone.
WITH old AS (
    SELECT id,
           role <> 'ADMIN'
               OR NOT active
               OR :'password_hash'::text IS NOT NULL
               OR (:'email'::text <> '' AND email <> :'email'::text) AS is_mended
    FROM account
    WHERE lower(username) = lower(:'username'::text)
), address AS (
    SELECT CASE
               WHEN :'email'::text <> '' THEN :'email'::text
               WHEN EXISTS (SELECT
                            FROM account
                            WHERE lower(email) = lower(:'username'::text || '@localhost'))
                   THEN :'username'::text || '-' || :'id'::text || '@localhost'
               ELSE :'username'::text || '@localhost'
           END AS email,
           :'email'::text <> ''
               AND EXISTS (SELECT
                           FROM account
                           WHERE lower(email) = lower(:'email'::text)
                             AND lower(username) <> lower(:'username'::text)) AS is_taken
), made AS (
    INSERT INTO account (id, username, email, name, password_hash, role)
    SELECT :'id'::uuid, :'username'::text, address.email, '', :'password_hash'::text, 'ADMIN'
    FROM address
    WHERE NOT is_taken
      AND :'password_hash'::text IS NOT NULL
      AND NOT EXISTS (SELECT FROM old)
    ON CONFLICT DO NOTHING
    RETURNING *
), mended AS (
    UPDATE account
    SET email = CASE WHEN :'email'::text <> '' THEN :'email'::text ELSE account.email END,
        password_hash = coalesce(:'password_hash'::text, password_hash),
        role = 'ADMIN',
        active = true,
        generation = generation + 1,
        version = version + 1,
        update_time = now()
    FROM old, address
    WHERE account.id = old.id AND is_mended AND NOT is_taken
    RETURNING account.*
), ended AS (
    -- In order, as everybody locks sessions.
    DELETE FROM session
    WHERE id IN (SELECT session.id
                 FROM mended
                 JOIN session ON session.account_id = mended.id
                 ORDER BY session.id
                 FOR UPDATE OF session)
), revoked AS (
    INSERT INTO revocation (account_id, generation) SELECT id, generation FROM mended
), now_there AS (
    SELECT * FROM made
    UNION ALL
    SELECT * FROM mended
), recorded AS (
    INSERT INTO depot_audit (actor_id, actor, action, object, client_address, request_id, outcome)
    SELECT NULL, 'operator', 'EnsureAdmin', id::text, :'client_address'::text,
           :'request_id'::text, 'OK'
    FROM now_there
)
SELECT id, username, email, name, role, active, create_time, update_time, login_time,
       version::text AS etag
FROM now_there
UNION ALL
SELECT account.id, username, account.email, name, role, active, create_time, update_time, login_time,
       version::text AS etag
FROM account
JOIN old ON old.id = account.id AND NOT is_mended;
