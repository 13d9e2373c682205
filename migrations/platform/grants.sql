-- What every service does with what the platform has in its schema.
GRANT USAGE ON SCHEMA :"schema" TO :"role";
GRANT SELECT ON depot_migration TO :"role";
GRANT SELECT, INSERT, UPDATE, DELETE ON depot_idempotency_key TO :"role";
GRANT SELECT, INSERT ON depot_audit TO :"role"; -- nobody rewrites what was done
