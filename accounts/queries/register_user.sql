-- A network that has made many has to wait.
SELECT registration_wait_ms(:'registrations'::bytea) AS wait_ms;

-- No row: it has to wait, or somebody has the name or the address. Who holds the locks of both and sees nobody with
-- them waits for nobody: one that is about to be given up, in a transaction that still runs, counts
-- as taken.
WITH made AS (
    INSERT INTO account (id, username, email, name, password_hash, role)
    SELECT :'id'::uuid, :'username'::text, :'email'::text, :'name'::text, :'password_hash'::text,
           'MEMBER'
    WHERE registration_wait_ms(:'registrations'::bytea) = 0
      AND NOT EXISTS (SELECT
                      FROM account
                      WHERE lower(username) = lower(:'username'::text)
                         OR lower(email) = lower(:'email'::text))
    ON CONFLICT DO NOTHING
    RETURNING *
), recorded AS (
    INSERT INTO depot_audit (actor_id, actor, action, object, client_address, request_id, outcome)
    SELECT :'caller_id'::uuid, :'caller_name'::text, 'RegisterUser', id::text,
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

-- Nobody else has the id.
SELECT count_failures(ARRAY[:'registrations'::bytea], 3) FROM account WHERE id = :'id'::uuid;
