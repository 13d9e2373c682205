-- Whoever asks: who has the token is its owner.
-- Locked first, in a statement of its own: what the next ones see is what comes after everybody
-- else who has the same session. No row: there is no such session any more.
SELECT session.token_number, encode(session.token_hash, 'hex') AS token_hash
FROM session
JOIN account ON account.id = session.account_id
WHERE session.id = :'session_id'::uuid AND session.expire_time > now() AND account.active
FOR UPDATE OF session;

-- The newest token is used: the next one takes its place.
WITH renewed AS (
    UPDATE session
    SET token_number = :'token_number'::integer + 1,
        token_hash = :'next_hash'::bytea,
        refresh_time = now()
    FROM account
    WHERE session.id = :'session_id'::uuid
      AND session.token_number = :'token_number'::integer
      AND session.token_hash = :'token_hash'::bytea
      AND session.expire_time > now()
      AND account.id = session.account_id
      AND account.active
    RETURNING session.id, account.id AS account_id, account.username
)
INSERT INTO depot_audit (actor_id, actor, action, object, client_address, request_id, outcome)
SELECT account_id, username, 'Refresh', id::text, :'client_address'::text, :'request_id'::text, 'OK'
FROM renewed;

-- Now the next one is the newest, if it was not before: then this is the answer once more.
SELECT account.id AS account_id,
       account.username,
       account.role,
       account.generation,
       floor(extract(epoch FROM now()))::bigint AS now_s,
       signer.kid,
       signer.sealed_key
FROM session
JOIN account ON account.id = session.account_id
LEFT JOIN signing_key_now AS signer ON signer.seal = :'seal'::text
WHERE session.id = :'session_id'::uuid
  AND session.token_number = :'token_number'::integer + 1
  AND session.token_hash = :'next_hash'::bytea
  AND session.expire_time > now()
  AND account.active;
