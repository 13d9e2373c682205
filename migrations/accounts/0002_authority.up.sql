-- The one row says which life of the database this is: whoever has pulled from another one starts
-- anew. After a backup was restored it must become another one.
CREATE TABLE authority (
    one   boolean PRIMARY KEY DEFAULT true CHECK (one),
    epoch uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO authority DEFAULT VALUES;

-- Keys that access tokens are signed with. The secret half is sealed with a key that is not in the
-- database; `seal` names that key.
CREATE TABLE signing_key (
    kid         text COLLATE "C" PRIMARY KEY CHECK (char_length(kid) = 16),
    public_key  bytea NOT NULL CHECK (octet_length(public_key) = 32),
    sealed_key  bytea NOT NULL,
    seal        text COLLATE "C" NOT NULL CHECK (char_length(seal) = 16),
    create_time timestamptz NOT NULL DEFAULT now(),
    -- Known to everybody by then: from now on tokens are signed with it, unless with a newer one.
    sign_time   timestamptz NOT NULL,
    -- The last token that was signed with it is over by then; NULL: it has no successor yet.
    expire_time timestamptz
);

-- For each seal the key that tokens are signed with now.
CREATE VIEW signing_key_now AS
SELECT DISTINCT ON (seal) seal, kid, encode(sealed_key, 'hex') AS sealed_key
FROM signing_key
WHERE sign_time <= now()
ORDER BY seal, sign_time DESC;

-- Access tokens that are void before their time. Rows are numbered in the order in which they are
-- committed: whoever adds one holds the lock `accounts.revocation` first.
CREATE TABLE revocation (
    number      integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    session_id  uuid,    -- those of this session or API key,
    account_id  uuid,    -- or of this account,
    generation  integer, -- of an earlier generation than this
    create_time timestamptz NOT NULL DEFAULT now(),
    -- All tokens concerned are over by then: none lives longer than ten minutes.
    expire_time timestamptz NOT NULL DEFAULT now() + interval '11 minutes',
    CHECK ((session_id IS NULL) = (account_id IS NOT NULL)
           AND (account_id IS NULL) = (generation IS NULL))
);
CREATE INDEX revocation_expire_time ON revocation (expire_time);

-- Logins that failed of late, by what they have in common: a keyed hash of the account's name as it
-- was given, of the network, or of both; and accounts that a network has made for itself, each of
-- which weighs three failures. One is forgotten with every minute without another; 64 are kept:
-- nobody waits longer for more.
CREATE TABLE login_failure (
    subject   bytea PRIMARY KEY CHECK (octet_length(subject) = 32),
    failures  integer NOT NULL DEFAULT 1 CHECK (failures > 0),
    last_time timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX login_failure_last_time ON login_failure (last_time);

CREATE FUNCTION failures_left(failures integer, last_time timestamptz) RETURNS integer
LANGUAGE sql STABLE AS $$
    SELECT greatest(0, failures - floor(extract(epoch FROM now() - last_time) / 60)::integer)
$$;

-- Who calls it holds the locks of the subjects.
CREATE FUNCTION count_failures(subjects bytea[], weight integer) RETURNS void
LANGUAGE sql VOLATILE AS $$
    INSERT INTO login_failure AS known (subject, failures)
    SELECT subject, weight FROM unnest(subjects) AS subject
    ON CONFLICT (subject) DO UPDATE
    SET failures = least(64, weight + failures_left(known.failures, known.last_time)),
        last_time = now()
$$;

-- What a try with a password has behind it. What others do to an account is no concern of a
-- network from which it has a session that goes on.
CREATE FUNCTION failures_before(pair bytea, address bytea, account bytea, account_id uuid,
                                network text)
RETURNS TABLE (kind text, failures integer, age_ms bigint)
LANGUAGE sql STABLE AS $$
    SELECT tried.kind,
           failures_left(known.failures, known.last_time),
           floor(1000 * extract(epoch FROM now() - known.last_time))::bigint
    FROM login_failure AS known
    JOIN (VALUES ('pair', pair), ('address', address), ('account', account))
        AS tried (kind, subject) USING (subject)
    WHERE tried.kind <> 'account'
       OR failures_before.network = ''
       OR NOT EXISTS (SELECT
                      FROM session
                      WHERE session.account_id = failures_before.account_id
                        AND session.network = failures_before.network
                        AND session.expire_time > now())
$$;

-- How long it takes until a network may make another account: it has twenty at once, or one in
-- three minutes.
CREATE FUNCTION registration_wait_ms(registrations bytea) RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT coalesce(max(60000 * (failures_left(failures, last_time) - 57)
                        - floor(1000 * extract(epoch FROM now() - last_time))::bigint % 60000), 0)
    FROM login_failure
    WHERE subject = registrations AND failures_left(failures, last_time) > 57
$$;
