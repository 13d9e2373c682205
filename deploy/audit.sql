-- What was done last, in all schemas that keep a record, the newest first: psql -v n=50 -f audit.sql
SELECT format('SELECT * FROM (%s) AS entry ORDER BY time DESC LIMIT %s',
              string_agg(format('SELECT %L AS service, time, outcome, action, actor, object, '
                                'client_address, request_id FROM %I.depot_audit',
                                nspname, nspname), ' UNION ALL '),
              :n)
FROM pg_class
JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relname = 'depot_audit' AND relkind IN ('r', 'p')
HAVING count(*) > 0
\gexec
