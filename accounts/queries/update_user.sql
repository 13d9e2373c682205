-- Whoever asks: an administrator.
-- Locked first, in a statement of its own: no row means that there is no such account, and the
-- version that is asked for here is the one that the next statement sees.
SELECT :'if_match'::text IN ('', '*')
       OR version::text = ANY (string_to_array(:'if_match'::text, ',')) AS matches
FROM account
WHERE id = :'id'::uuid
FOR UPDATE;

-- Changed only if `outcome` is OK. Another role, another password or no longer being active makes
-- its access tokens void, the latter two end its sessions. Whoever changes role or activity holds
-- the lock of the administrators, so that the last two cannot go at the same time.
WITH old AS (
    SELECT id,
           role,
           active,
           role = 'ADMIN' AND active AS administers,
           CASE WHEN :'set_username'::boolean THEN :'username'::text ELSE username END AS new_username,
           CASE WHEN :'set_email'::boolean THEN :'email'::text ELSE email END AS new_email,
           CASE WHEN :'set_name'::boolean THEN :'name'::text ELSE name END AS new_name,
           CASE WHEN :'set_role'::boolean THEN :'role'::text ELSE role END AS new_role,
           CASE WHEN :'set_active'::boolean THEN coalesce(:'active'::boolean, true)
                ELSE active END AS new_active
    FROM account
    WHERE id = :'id'::uuid
      AND (:'if_match'::text IN ('', '*')
           OR version::text = ANY (string_to_array(:'if_match'::text, ',')))
), decided AS (
    SELECT old.*,
           CASE
               WHEN EXISTS (SELECT
                            FROM account AS other
                            WHERE lower(other.username) = lower(old.new_username)
                              AND other.id <> old.id) THEN 'USERNAME_TAKEN'
               WHEN EXISTS (SELECT
                            FROM account AS other
                            WHERE lower(other.email) = lower(old.new_email)
                              AND other.id <> old.id) THEN 'EMAIL_TAKEN'
               WHEN administers
                    AND NOT (new_role = 'ADMIN' AND new_active)
                    AND NOT EXISTS (SELECT
                                    FROM account AS other
                                    WHERE other.role = 'ADMIN'
                                      AND other.active
                                      AND other.id <> old.id) THEN 'LAST_ADMIN'
               ELSE 'OK'
           END AS outcome,
           :'set_password'::boolean OR (active AND NOT new_active) AS ends_sessions,
           :'set_password'::boolean OR (active AND NOT new_active) OR role <> new_role AS outdates
    FROM old
), changed AS (
    UPDATE account
    SET username = new_username,
        email = new_email,
        name = new_name,
        role = new_role,
        active = new_active,
        password_hash = CASE WHEN :'set_password'::boolean THEN :'password_hash'::text
                             ELSE password_hash END,
        generation = generation + outdates::int,
        version = version + :'set_any'::boolean::int,
        update_time = CASE WHEN :'set_any'::boolean THEN now() ELSE update_time END
    FROM decided
    WHERE account.id = decided.id AND outcome = 'OK'
    RETURNING account.*, ends_sessions, outdates
), ended AS (
    -- In order, as everybody locks sessions.
    DELETE FROM session
    WHERE id IN (SELECT session.id
                 FROM changed
                 JOIN session ON session.account_id = changed.id
                 WHERE ends_sessions
                 ORDER BY session.id
                 FOR UPDATE OF session)
), revoked AS (
    INSERT INTO revocation (account_id, generation)
    SELECT id, generation
    FROM changed
    WHERE outdates
), recorded AS (
    INSERT INTO depot_audit (actor_id, actor, action, object, client_address, request_id, outcome)
    SELECT :'caller_id'::uuid, :'caller_name'::text, 'UpdateUser', id::text,
           :'client_address'::text, :'request_id'::text, outcome
    FROM decided
    WHERE outcome IN ('OK', 'LAST_ADMIN')
)
SELECT decided.outcome,
       changed.id,
       changed.username,
       changed.email,
       changed.name,
       changed.role,
       changed.active,
       changed.create_time,
       changed.update_time,
       changed.login_time,
       changed.version::text AS etag
FROM decided
LEFT JOIN changed ON true;
