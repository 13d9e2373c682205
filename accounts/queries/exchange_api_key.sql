-- Whoever asks: who has the key acts for its owner.
SELECT api_key.id,
       api_key.role AS key_role,
       array_to_string(api_key.scopes, ' ') AS scope,
       floor(extract(epoch FROM api_key.expire_time - now()))::bigint AS left_s,
       account.id AS account_id,
       account.username,
       account.role,
       account.generation,
       floor(extract(epoch FROM now()))::bigint AS now_s,
       signer.kid,
       signer.sealed_key
FROM api_key
JOIN account ON account.id = api_key.account_id
LEFT JOIN signing_key_now AS signer ON signer.seal = :'seal'::text
WHERE api_key.key_hash = :'key_hash'::bytea AND account.active;
