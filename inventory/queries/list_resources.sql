SELECT id, type, name, description, attributes, create_time, update_time, version::text AS etag
FROM resource
WHERE type = :'type'::text
  AND /* after { */ id > :'after'::uuid /* } */
  AND /* filter { */ true /* } */
ORDER BY /* order { */ id /* } */
LIMIT :'limit'::int;
