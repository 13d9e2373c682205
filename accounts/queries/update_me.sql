-- Locked first, in a statement of its own, as in update_user. Who sees all is no account.
SELECT username,
       email,
       password_hash,
       generation,
       :'if_match'::text IN ('', '*')
           OR version::text = ANY (string_to_array(:'if_match'::text, ',')) AS matches
FROM account
WHERE id = :'caller_id'::uuid AND NOT :'caller_sees_all'::boolean
FOR UPDATE;

-- What a new password has to wait for, as in login.
SELECT kind, failures, age_ms
FROM failures_before(:'pair'::bytea, :'address'::bytea, :'account'::bytea, :'caller_id'::uuid,
                     :'network'::text);

-- Without a new password that is all.
WITH changed AS (
    UPDATE account
    SET name = CASE WHEN :'set_name'::boolean THEN :'name'::text ELSE name END,
        version = version + :'set_name'::boolean::int,
        update_time = CASE WHEN :'set_name'::boolean THEN now() ELSE update_time END
    WHERE id = :'caller_id'::uuid
      AND NOT :'set_password'::boolean
      AND (:'if_match'::text IN ('', '*')
           OR version::text = ANY (string_to_array(:'if_match'::text, ',')))
    RETURNING *
), recorded AS (
    INSERT INTO depot_audit (actor_id, actor, action, object, client_address, request_id, outcome)
    SELECT :'caller_id'::uuid, :'caller_name'::text, 'UpdateMe', id::text,
           :'client_address'::text, :'request_id'::text, 'OK'
    FROM changed
)
SELECT id, username, email, name, role, active, create_time, update_time, login_time,
       version::text AS etag
FROM changed;
