-- No row: the code is taken.
INSERT INTO pxcode (pxcode, procedure)
VALUES (:'pxcode'::text, :'procedure'::text)
ON CONFLICT DO NOTHING
RETURNING '/v1/pxcodes/' || pxcode AS url, pxcode, procedure, version::text AS etag;
