SELECT id, username, email, name, role, active, create_time, update_time, login_time,
       version::text AS etag
FROM account
WHERE /* after { */ id > :'after'::uuid /* } */
  AND /* filter { */ true /* } */
ORDER BY /* order { */ id /* } */
LIMIT :'limit'::int;
