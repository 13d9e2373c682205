-- Whoever asks: the token is of the session that ends.
-- An old token came back: somebody has had it who should not. Who of the two is asking nobody
-- knows, so the session is over for both.
WITH ended AS (
    DELETE FROM session
    USING account
    WHERE session.id = :'session_id'::uuid AND account.id = session.account_id
    RETURNING session.id, account.id AS account_id, account.username
), revoked AS (
    INSERT INTO revocation (session_id) SELECT id FROM ended
)
INSERT INTO depot_audit (actor_id, actor, action, object, client_address, request_id, outcome)
SELECT account_id, username, 'Refresh', id::text, :'client_address'::text, :'request_id'::text,
       'REFRESH_REUSED'
FROM ended;
