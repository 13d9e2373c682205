-- Whoever asks: periods without their owners.
-- No row: there is no such vehicle.
SELECT id
FROM resource
WHERE id = :'resource_id'::uuid AND type = :'type'::text;

-- What the window has left when everything that is taken is cut out of it. A window that ends before
-- now, with no start, has nothing.
SELECT lower(free) AS start_time, upper(free) AS end_time
FROM (
    SELECT unnest(tstzmultirange(period) - taken) AS free
    FROM (
        SELECT CASE
                   WHEN coalesce(:'start_time'::timestamptz, now())
                        < coalesce(:'end_time'::timestamptz, 'infinity')
                   THEN tstzrange(coalesce(:'start_time'::timestamptz, now()),
                                  :'end_time'::timestamptz)
                   ELSE 'empty'::tstzrange
               END AS period
    ) AS requested
    CROSS JOIN LATERAL (
        SELECT coalesce(range_agg(during), '{}'::tstzmultirange) AS taken
        FROM allocation
        WHERE resource_id = :'resource_id'::uuid AND during && period
    ) AS calendar
) AS gaps
ORDER BY free
LIMIT 100;
