-- No row: the code is taken.
WITH made AS (
    INSERT INTO pxcode (pxcode, procedure)
    VALUES (:'pxcode'::text, :'procedure'::text)
    ON CONFLICT DO NOTHING
    RETURNING *
), recorded AS (
    INSERT INTO depot_audit (actor_id, actor, action, object, client_address, request_id, outcome)
    SELECT :'caller_id'::uuid, :'caller_name'::text, 'CreatePxcode', pxcode,
           :'client_address'::text, :'request_id'::text, 'OK'
    FROM made
)
SELECT '/v1/pxcodes/' || pxcode AS url, pxcode, procedure, version::text AS etag
FROM made;
