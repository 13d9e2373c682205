-- Whoever asks: the password has fitted, or nothing is done but counting.
-- Whoever is let in gets a session and the key to sign a token with; anybody else is counted. The
-- account must still be what the password was held against.
WITH let_in AS (
    UPDATE account
    SET login_time = now(), password_hash = coalesce(:'new_hash'::text, password_hash)
    WHERE id = :'account_id'::uuid
      AND generation = :'generation'::integer
      AND active
      AND :'fits'::boolean
    RETURNING id, username, role, generation
), verdict AS (
    SELECT CASE WHEN EXISTS (SELECT FROM let_in) THEN 'OK'
                WHEN :'fits'::boolean
                     AND EXISTS (SELECT
                                 FROM account
                                 WHERE id = :'account_id'::uuid
                                   AND generation = :'generation'::integer
                                   AND NOT active) THEN 'ACCOUNT_INACTIVE'
                ELSE 'LOGIN_FAILED' END AS outcome
), begun AS (
    INSERT INTO session (id, account_id, token_hash, expire_time, client_address, network)
    SELECT :'session_id'::uuid,
           id,
           :'token_hash'::bytea,
           now() + make_interval(days => :'session_days'::integer),
           :'client_address'::text,
           :'network'::text
    FROM let_in
), forgotten AS (
    DELETE FROM login_failure
    WHERE subject = :'pair'::bytea AND EXISTS (SELECT FROM let_in)
), counted AS MATERIALIZED (
    -- It happens because it is read below.
    SELECT count_failures(ARRAY[:'pair'::bytea, :'address'::bytea, :'account'::bytea], 1)
    FROM verdict
    WHERE verdict.outcome = 'LOGIN_FAILED'
), noted AS (
    INSERT INTO depot_audit (actor_id, actor, action, object, client_address, request_id, outcome)
    SELECT let_in.id,
           coalesce(let_in.username, ''),
           'Login',
           :'name'::text,
           :'client_address'::text,
           :'request_id'::text,
           verdict.outcome
    FROM verdict
    LEFT JOIN let_in ON true
)
SELECT verdict.outcome,
       (SELECT count(*) FROM counted) AS counted,
       let_in.id AS account_id,
       let_in.username,
       let_in.role,
       let_in.generation,
       floor(extract(epoch FROM now()))::bigint AS now_s,
       signer.kid,
       signer.sealed_key
FROM verdict
LEFT JOIN let_in ON true
LEFT JOIN signing_key_now AS signer ON signer.seal = :'seal'::text;
