SELECT id, password_hash, generation
FROM account
WHERE lower(username) = lower(:'username'::text) OR lower(email) = lower(:'email'::text);

SELECT kind, failures, age_ms
FROM failures_before(:'pair'::bytea,
                     :'address'::bytea,
                     :'account'::bytea,
                     (SELECT id
                      FROM account
                      WHERE lower(username) = lower(:'username'::text)
                         OR lower(email) = lower(:'email'::text)),
                     :'network'::text);
