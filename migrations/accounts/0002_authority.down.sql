DROP TABLE login_failure;
DROP TABLE revocation;
DROP TABLE signing_key;
DROP TABLE authority;
