-- What accounts does with its tables. FOR UPDATE wants UPDATE, too.
GRANT SELECT, INSERT, UPDATE, DELETE ON account TO :"role";
GRANT SELECT, INSERT, UPDATE, DELETE ON session TO :"role";
GRANT SELECT, INSERT, UPDATE, DELETE ON api_key TO :"role";
GRANT SELECT ON authority TO :"role";
GRANT SELECT, INSERT, UPDATE, DELETE ON signing_key TO :"role";
GRANT SELECT, INSERT, UPDATE, DELETE ON revocation TO :"role";
GRANT SELECT ON SEQUENCE revocation_number_seq TO :"role";
GRANT SELECT, INSERT, UPDATE, DELETE ON login_failure TO :"role";
GRANT SELECT ON signing_key_now TO :"role";
GRANT EXECUTE ON FUNCTION failures_left(integer, timestamptz) TO :"role";
GRANT EXECUTE ON FUNCTION count_failures(bytea[], integer) TO :"role";
GRANT EXECUTE ON FUNCTION failures_before(bytea, bytea, bytea, uuid, text) TO :"role";
GRANT EXECUTE ON FUNCTION registration_wait_ms(bytea) TO :"role";
