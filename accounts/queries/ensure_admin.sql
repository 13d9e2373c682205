SELECT id, password_hash
FROM account
WHERE lower(username) = lower(:'username'::text);
