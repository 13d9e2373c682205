-- As register_user, by somebody who says the role, too.
WITH made AS (
    INSERT INTO account (id, username, email, name, password_hash, role, active)
    SELECT :'id'::uuid, :'username'::text, :'email'::text, :'name'::text, :'password_hash'::text,
           :'role'::text, coalesce(:'active'::boolean, true)
    WHERE NOT EXISTS (SELECT
                      FROM account
                      WHERE lower(username) = lower(:'username'::text)
                         OR lower(email) = lower(:'email'::text))
    ON CONFLICT DO NOTHING
    RETURNING *
), recorded AS (
    INSERT INTO depot_audit (actor_id, actor, action, object, client_address, request_id, outcome)
    SELECT :'caller_id'::uuid, :'caller_name'::text, 'CreateUser', id::text,
           :'client_address'::text, :'request_id'::text, 'OK'
    FROM made
)
SELECT id, username, email, name, role, active, create_time, update_time, login_time,
       version::text AS etag
FROM made;

-- Which of them it is. The statement above cannot see a winner that it waited for; this one can.
SELECT EXISTS (SELECT
               FROM account
               WHERE lower(username) = lower(:'username'::text)
                 AND id <> :'id'::uuid) AS username_taken,
       EXISTS (SELECT
               FROM account
               WHERE lower(email) = lower(:'email'::text)
                 AND id <> :'id'::uuid) AS email_taken;
