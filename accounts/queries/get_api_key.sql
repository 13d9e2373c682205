SELECT id, account_id AS user_id, name, role, to_jsonb(scopes) AS scopes, expire_time, create_time,
       prefix
FROM api_key
WHERE id = :'id'::uuid
  AND (account_id = :'caller_id'::uuid OR :'caller_sees_all'::boolean);
