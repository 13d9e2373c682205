-- Whoever asks: nobody. A key that is made is on record all the same.
-- The first key of a seal signs at once; the next one, when it is time, as soon as everybody knows
-- it.
WITH made AS (
    INSERT INTO signing_key (kid, public_key, sealed_key, seal, sign_time)
    SELECT :'kid'::text,
           :'public_key'::bytea,
           :'sealed_key'::bytea,
           :'seal'::text,
           CASE WHEN max(sign_time) IS NULL THEN now()
                ELSE now() + make_interval(secs => :'lead_s'::integer) END
    FROM signing_key
    WHERE seal = :'seal'::text
    HAVING max(sign_time) IS NULL
        OR max(sign_time) <= now() - make_interval(days => :'days'::integer)
    RETURNING kid
)
INSERT INTO depot_audit (actor_id, actor, action, object, client_address, request_id, outcome)
SELECT :'caller_id'::uuid, :'caller_name'::text, 'Upkeep', kid, :'client_address'::text,
       :'request_id'::text, 'OK'
FROM made;

-- A key has had its day eleven minutes after the next one of its seal has taken over: no token
-- lives longer than ten. One that should have had a successor long ago is nobody's any more: its
-- SECRET_KEY was changed.
UPDATE signing_key AS old
SET expire_time = interval '11 minutes'
    + coalesce((SELECT min(next.sign_time)
                FROM signing_key AS next
                WHERE next.seal = old.seal AND next.sign_time > old.sign_time), now())
WHERE expire_time IS NULL
  AND (EXISTS (SELECT
               FROM signing_key AS next
               WHERE next.seal = old.seal AND next.sign_time > old.sign_time)
       OR sign_time <= now() - make_interval(days => :'days'::integer + 1));

DELETE FROM signing_key WHERE expire_time <= now();

-- Nobody is waited for: what is locked now is removed the next time.
DELETE FROM session
WHERE id IN (SELECT id FROM session WHERE expire_time <= now()
             LIMIT 1000 FOR UPDATE SKIP LOCKED);

DELETE FROM revocation
WHERE number IN (SELECT number FROM revocation WHERE expire_time <= now()
                 LIMIT 1000 FOR UPDATE SKIP LOCKED);

-- Of 64 failures none is left after as many minutes.
DELETE FROM login_failure
WHERE subject IN (SELECT subject FROM login_failure WHERE last_time <= now() - interval '64 minutes'
                  LIMIT 1000 FOR UPDATE SKIP LOCKED);
