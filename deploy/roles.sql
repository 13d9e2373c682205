-- Who may do what in Depot's database: an owner that nobody can log in as, a migrator that may become
-- it, and for each service a role that works on the rows of its own schema and on nothing else.
-- Run it on that database as a superuser; again whenever a service or a password is new: it says how
-- things are to be, and repeats do no harm.
--
--     psql -X -v secrets=FOLDER -f deploy/roles.sql "$URL_OF_THE_SUPERUSER"
--     depot-migrate up          as depot_migrator: makes the schemas and grants what is in them
--
-- FOLDER holds the passwords, each as the first line of a file: depot_migrator_password,
-- depot_accounts_password, depot_inventory_password. So none stands on a command line, and none is
-- written to the server's log. Instead of `-v secrets` the environment may have DEPOT_SECRETS. With
-- neither, passwords stay as they are: a new role has none, which will do where a socket lets it in.
--
-- As a role with CREATEROLE that owns the database it runs, too, but for two things that only a
-- superuser can do: large objects stay open to everybody, and what another role has made stays its.
--
-- The roles belong to the whole cluster. What tells depot-migrate that a database is run with them is
-- that depot_owner may create in it: elsewhere whoever migrates owns what is made.

\set ON_ERROR_STOP on
\if :{?services}
\else
    \set services '{accounts,inventory}'
\endif

\if :{?secrets}
\else
    \getenv secrets DEPOT_SECRETS
\endif
\if :{?secrets}
    \set passwords `cd -- :'secrets' && grep -H -m 1 . depot_*_password`
    \set secrets_given on
\else
    \set passwords ''
    \set secrets_given off
\endif

BEGIN;
SET LOCAL client_min_messages = warning;

-- What follows holds passwords.
SELECT count(set_config(name, value, true)) AS ignored
FROM (VALUES ('log_statement', 'none'),
             ('log_min_duration_statement', '-1'),
             ('log_min_error_statement', 'panic'),
             ('pg_stat_statements.track_utility', 'off')) AS quiet (name, value)
WHERE (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) \gset

SELECT count(set_config(name, value, true)) AS ignored
FROM (VALUES ('depot.services', :'services'),
             ('depot.secrets_given', :'secrets_given'),
             ('depot.passwords', :'passwords')) AS given (name, value) \gset

-- The roles.
DO $$
DECLARE
    service text;
    role    text;
    secret  text;
    roles   text[] := ARRAY['depot_owner', 'depot_migrator'];
BEGIN
    FOREACH service IN ARRAY current_setting('depot.services')::text[] LOOP
        roles := roles || ('depot_' || service);
    END LOOP;
    FOREACH role IN ARRAY roles LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
            EXECUTE format('CREATE ROLE %I', role);
        END IF;
        IF EXISTS (SELECT FROM pg_roles
                   WHERE rolname = role AND (rolsuper OR rolreplication OR rolbypassrls)) THEN
            RAISE EXCEPTION 'role % may do far too much: take that away from it first', role;
        END IF;
        EXECUTE format('ALTER ROLE %I NOINHERIT NOCREATEDB NOCREATEROLE %s', role,
                       CASE role WHEN 'depot_owner' THEN 'NOLOGIN' ELSE 'LOGIN' END);
        CONTINUE WHEN role = 'depot_owner' OR NOT current_setting('depot.secrets_given')::boolean;
        SELECT substr(line, length(role) + length('_password:') + 1) INTO secret
        FROM regexp_split_to_table(current_setting('depot.passwords'), '\n') AS line
        WHERE starts_with(line, role || '_password:');
        IF secret IS NULL THEN
            RAISE EXCEPTION 'the folder of secrets has no file %_password with a line in it', role;
        END IF;
        EXECUTE format('ALTER ROLE %I PASSWORD %L', role, secret);
    END LOOP;
    -- So that what it makes in psql belongs to the owner, too.
    GRANT depot_owner TO depot_migrator;
    ALTER ROLE depot_migrator SET role = 'depot_owner';
END $$;

-- The database, and what everybody finds in a new one.
DO $$
DECLARE
    service text;
    command text;
BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO depot_migrator', current_database());
    EXECUTE format('GRANT CREATE, TEMPORARY ON DATABASE %I TO depot_owner', current_database());
    REVOKE ALL ON SCHEMA public FROM PUBLIC;
    GRANT USAGE ON SCHEMA public TO depot_owner; -- extensions are there
    FOREACH service IN ARRAY current_setting('depot.services')::text[] LOOP
        EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), 'depot_' || service);
        EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', 'depot_' || service);
    END LOOP;
END $$;

-- What only a superuser can do.
DO $$
DECLARE
    command text;
BEGIN
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        RAISE WARNING 'not a superuser: large objects stay open, and nothing is given to depot_owner';
        RETURN;
    END IF;
    FOR command IN
        SELECT format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', oid::regprocedure) FROM pg_proc
        WHERE pronamespace = 'pg_catalog'::regnamespace AND proname ~ '^(lo_.*|loread|lowrite)$'
    LOOP
        EXECUTE command;
    END LOOP;
    -- What was made while one role owned everything; in `public` too, where Depot's tables once were.
    FOR command IN
        WITH place AS (
            SELECT oid, nspname FROM pg_namespace
            WHERE nspname = ANY(current_setting('depot.services')::text[])
               OR nspname = 'public' AND to_regclass('public.depot_migration') IS NOT NULL
        )
        SELECT format('ALTER SCHEMA %I OWNER TO depot_owner', nspname) FROM place
        WHERE nspname <> 'public'
        UNION ALL
        SELECT format('ALTER TABLE %s OWNER TO depot_owner', thing.oid::regclass)
        FROM pg_class AS thing JOIN place ON place.oid = relnamespace
        WHERE relkind IN ('r', 'p', 'v', 'm', 'S') AND NOT EXISTS (
            SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = thing.oid
                AND (deptype IN ('e', 'i') OR deptype = 'a' AND relkind = 'S'))
        UNION ALL
        SELECT format('ALTER ROUTINE %s OWNER TO depot_owner', thing.oid::regprocedure)
        FROM pg_proc AS thing JOIN place ON place.oid = pronamespace
        WHERE NOT EXISTS (
            SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = thing.oid
                AND deptype = 'e')
    LOOP
        EXECUTE command;
    END LOOP;
END $$;

COMMIT;
