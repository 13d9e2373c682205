-- One's own, or those of whom is asked for, which only who sees all may see.
SELECT id, account_id AS user_id, name, role, to_jsonb(scopes) AS scopes, expire_time, create_time,
       prefix
FROM api_key
WHERE account_id = coalesce(:'user_id'::uuid, :'caller_id'::uuid)
  AND (account_id = :'caller_id'::uuid OR :'caller_sees_all'::boolean)
  AND id > :'after'::uuid
ORDER BY id
LIMIT :'limit'::int;
