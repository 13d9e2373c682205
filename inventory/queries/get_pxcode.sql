SELECT '/v1/pxcodes/' || pxcode AS url, pxcode, procedure, version::text AS etag
FROM pxcode
WHERE pxcode = :'pxcode'::text;
