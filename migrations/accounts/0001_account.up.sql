-- Who there is. Names and addresses are unique whatever the case of their letters.
CREATE TABLE account (
    id            uuid PRIMARY KEY,
    username      text NOT NULL CHECK (username ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
    email         text NOT NULL CHECK (char_length(email) BETWEEN 3 AND 254),
    name          text NOT NULL CHECK (char_length(name) <= 100),
    password_hash text NOT NULL, -- as libsodium writes it, with its parameters
    role          text NOT NULL CHECK (role IN ('MEMBER', 'MANAGER', 'ADMIN')),
    active        boolean NOT NULL DEFAULT true,
    -- Access tokens of an earlier generation are void: counted up with the role, the password, and when it is made inactive.
    generation    integer NOT NULL DEFAULT 1 CHECK (generation > 0),
    create_time   timestamptz NOT NULL DEFAULT now(),
    update_time   timestamptz NOT NULL DEFAULT now(),
    login_time    timestamptz,
    version       bigint NOT NULL DEFAULT 1 CHECK (version > 0)
);
CREATE UNIQUE INDEX account_username_unique ON account (lower(username));
CREATE UNIQUE INDEX account_email_unique ON account (lower(email));

-- A session begins with a login and lives through its refresh tokens: a chain in which each follows
-- from the one before by a MAC. Kept is only the hash of the newest, and its number; from an older one
-- the chain leads to it, so a reused one is known to be genuine.
CREATE TABLE session (
    id             uuid PRIMARY KEY,
    account_id     uuid NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    token_number   integer NOT NULL DEFAULT 0 CHECK (token_number >= 0),
    token_hash     bytea NOT NULL CHECK (octet_length(token_hash) = 32),
    create_time    timestamptz NOT NULL DEFAULT now(),
    refresh_time   timestamptz NOT NULL DEFAULT now(),
    expire_time    timestamptz NOT NULL,
    client_address text NOT NULL,
    network        text NOT NULL DEFAULT '' -- of that address: all of an IPv6 /64 is one; '': not known
);
CREATE INDEX session_of_account ON session (account_id, network);
CREATE INDEX session_expire_time ON session (expire_time);

-- What programs are known by: only a hash of each.
CREATE TABLE api_key (
    id          uuid PRIMARY KEY,
    account_id  uuid NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    name        text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 64),
    role        text NOT NULL CHECK (role IN ('MEMBER', 'MANAGER', 'ADMIN')),
    scopes      text[] NOT NULL,
    key_hash    bytea NOT NULL UNIQUE CHECK (octet_length(key_hash) = 32),
    prefix      text NOT NULL,
    create_time timestamptz NOT NULL DEFAULT now(),
    expire_time timestamptz NOT NULL,
    CONSTRAINT api_key_name_unique UNIQUE (account_id, name)
);
