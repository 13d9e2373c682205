-- Whoever asks: what is void is no secret.
-- `newest` is the highest number that was ever given to a revocation. Who asks for what comes after a
-- higher one knows another life of the database, as after a restore.
SELECT epoch, (SELECT last_value FROM revocation_number_seq)::integer AS newest FROM authority;

SELECT kid,
       'EdDSA' AS algorithm,
       translate(encode(public_key, 'base64'), '+/=', '-_') AS public_key
FROM signing_key
WHERE expire_time IS NULL OR expire_time > now()
ORDER BY sign_time, kid;

-- Of another life of the database all that still matter. One more than an answer holds.
SELECT number,
       session_id,
       account_id AS user_id,
       generation,
       ceil(extract(epoch FROM expire_time - now()))::integer AS matters_s
FROM revocation, authority
WHERE number > CASE WHEN epoch::text = :'epoch'::text
                         AND :'after'::integer <= (SELECT last_value FROM revocation_number_seq)
                    THEN :'after'::integer
                    ELSE 0 END
  AND expire_time > now()
ORDER BY number
LIMIT 1001;
