-- What every service does with what the platform has in its schema.
GRANT USAGE ON SCHEMA :"schema" TO :"role";
GRANT SELECT ON depot_migration TO :"role";
GRANT SELECT, INSERT, UPDATE, DELETE ON depot_idempotency_key TO :"role";
-- Nobody rewrites what was done, nor says when it was, or in which order.
REVOKE INSERT ON depot_audit FROM :"role";
GRANT SELECT ON depot_audit TO :"role";
GRANT INSERT (actor_id, actor, action, object, client_address, request_id, outcome)
    ON depot_audit TO :"role";
