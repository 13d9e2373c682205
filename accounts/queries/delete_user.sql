-- Whoever asks: an administrator; all that is the account's goes with it.
-- Locked first, in a statement of its own, as in update_user.
SELECT :'if_match'::text IN ('', '*')
       OR version::text = ANY (string_to_array(:'if_match'::text, ',')) AS matches
FROM account
WHERE id = :'id'::uuid
FOR UPDATE;

-- Sessions and API keys go with the account, each of the latter on record; no access token of it is good any more, of whatever
-- generation. Whoever removes an account holds the lock of the administrators.
WITH decided AS (
    SELECT id,
           CASE
               WHEN role = 'ADMIN'
                    AND active
                    AND NOT EXISTS (SELECT
                                    FROM account AS other
                                    WHERE other.role = 'ADMIN'
                                      AND other.active
                                      AND other.id <> account.id) THEN 'LAST_ADMIN'
               ELSE 'OK'
           END AS outcome
    FROM account
    WHERE id = :'id'::uuid
      AND (:'if_match'::text IN ('', '*')
           OR version::text = ANY (string_to_array(:'if_match'::text, ',')))
), removed AS (
    DELETE FROM account USING decided WHERE account.id = decided.id AND outcome = 'OK'
    RETURNING account.id
), taken AS (
    DELETE FROM api_key USING removed WHERE account_id = removed.id
    RETURNING api_key.id
), revoked AS (
    INSERT INTO revocation (account_id, generation)
    SELECT id, 2147483647
    FROM removed
), recorded AS (
    INSERT INTO depot_audit (actor_id, actor, action, object, client_address, request_id, outcome)
    SELECT :'caller_id'::uuid, :'caller_name'::text, action, id::text,
           :'client_address'::text, :'request_id'::text, outcome
    FROM (SELECT 'DeleteUser' AS action, id, outcome FROM decided
          UNION ALL
          SELECT 'DeleteApiKey', id, 'OK' FROM taken) AS event
)
SELECT outcome FROM decided;
