-- Both names have small letters in place of A to Z and of nothing else, as the counters of failures see it:
-- a letter that only the database folds to one of them (the sign of the kelvin to k) is another name.
SELECT id, password_hash, generation
FROM account
WHERE lower(username) = :'username'::text
   OR (lower(email) = lower(:'email'::text) AND lower(email COLLATE "C") = :'email'::text);

SELECT kind, failures, age_ms
FROM failures_before(:'pair'::bytea,
                     :'address'::bytea,
                     :'account'::bytea,
                     (SELECT id
                      FROM account
                      WHERE lower(username) = :'username'::text
                         OR (lower(email) = lower(:'email'::text)
                             AND lower(email COLLATE "C") = :'email'::text)),
                     :'network'::text);
