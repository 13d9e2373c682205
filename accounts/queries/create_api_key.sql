-- Whoever asks: it is counted among, and made for, the caller's own.
-- No row: the account is not there. Only if `outcome` is OK there is a key. The owner is locked
-- against removal, so that the foreign key never fails; whoever makes a key holds the lock of the
-- account, so that the number and the names of its keys stay as they were counted. Who asked for more
-- than the account may is on record, too, with the account.
WITH owner AS (
    SELECT id,
           role,
           coalesce(:'role'::text, role) AS key_role,
           ARRAY['MEMBER', 'MANAGER', 'ADMIN'] AS roles
    FROM account
    WHERE id = :'caller_id'::uuid
    FOR KEY SHARE
), decided AS (
    SELECT id AS account_id,
           key_role,
           CASE
               WHEN array_position(roles, key_role) > array_position(roles, role) THEN 'NOT_ALLOWED'
               WHEN EXISTS (SELECT
                            FROM api_key
                            WHERE account_id = owner.id
                              AND api_key.name = :'name'::text) THEN 'API_KEY_NAME_TAKEN'
               WHEN (SELECT count(*)
                     FROM api_key
                     WHERE account_id = owner.id
                       AND expire_time > now()) >= :'keys_max'::int THEN 'TOO_MANY_API_KEYS'
               ELSE 'OK'
           END AS outcome
    FROM owner
), made AS (
    INSERT INTO api_key (id, account_id, name, role, scopes, key_hash, prefix, expire_time)
    SELECT :'id'::uuid,
           account_id,
           :'name'::text,
           key_role,
           ARRAY(SELECT jsonb_array_elements_text(:'scopes'::jsonb)),
           :'key_hash'::bytea,
           :'prefix'::text,
           coalesce(:'expire_time'::timestamptz, now() + interval '1 year')
    FROM decided
    WHERE outcome = 'OK'
    RETURNING *
), recorded AS (
    INSERT INTO depot_audit (actor_id, actor, action, object, client_address, request_id, outcome)
    SELECT :'caller_id'::uuid, :'caller_name'::text, 'CreateApiKey',
           coalesce(made.id, decided.account_id)::text, :'client_address'::text,
           :'request_id'::text, outcome
    FROM decided
    LEFT JOIN made ON true
    WHERE outcome IN ('OK', 'NOT_ALLOWED')
)
SELECT decided.outcome,
       made.id,
       made.account_id AS user_id,
       made.name,
       made.role,
       to_jsonb(made.scopes) AS scopes,
       made.expire_time,
       made.create_time,
       made.prefix
FROM decided
LEFT JOIN made ON true;
