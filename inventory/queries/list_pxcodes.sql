SELECT count(*)::int AS total
FROM pxcode;

SELECT '/v1/pxcodes/' || pxcode AS url, pxcode, procedure, version::text AS etag
FROM pxcode
ORDER BY pxcode
OFFSET :'offset'::bigint
LIMIT :'limit'::int;
