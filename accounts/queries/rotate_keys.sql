-- The first key of a seal signs at once, as upkeep has it.
WITH made AS (
    INSERT INTO signing_key (kid, public_key, sealed_key, seal, sign_time)
    SELECT :'kid'::text,
           :'public_key'::bytea,
           :'sealed_key'::bytea,
           :'seal'::text,
           CASE WHEN EXISTS (SELECT FROM signing_key WHERE seal = :'seal'::text)
                THEN now() + make_interval(secs => :'lead_s'::integer)
                ELSE now() END
    RETURNING kid
)
INSERT INTO depot_audit (actor_id, actor, action, object, client_address, request_id, outcome)
SELECT :'caller_id'::uuid, :'caller_name'::text, 'RotateKeys', kid, :'client_address'::text,
       :'request_id'::text, 'OK'
FROM made;
