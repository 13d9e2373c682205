SELECT id, password_hash, generation
FROM account
WHERE lower(username) = lower(:'username'::text) OR lower(email) = lower(:'email'::text);

SELECT tried.kind,
       failures,
       floor(1000 * extract(epoch FROM now() - last_time))::bigint AS age_ms
FROM login_failure
JOIN (VALUES ('pair', :'pair'::bytea),
             ('address', :'address'::bytea),
             ('account', :'account'::bytea)) AS tried (kind, subject) USING (subject);
