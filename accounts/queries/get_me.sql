-- One's own. Who sees all is no account.
SELECT id, username, email, name, role, active, create_time, update_time, login_time,
       version::text AS etag
FROM account
WHERE id = :'caller_id'::uuid AND NOT :'caller_sees_all'::boolean;
