-- What was done, by whom, to what, from where, and what became of it. Written in the transaction of
-- the effect. Nobody changes it: the service's role may only add to it (grants), and a trigger
-- refuses the rest, also where one role owns everything.
CREATE TABLE depot_audit (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    time           timestamptz NOT NULL DEFAULT now(),
    actor_id       uuid,          -- the caller's account; NULL: nobody who is known
    actor          text NOT NULL, -- its user name then
    action         text NOT NULL, -- the method: CreateAllocation
    object         text NOT NULL, -- the id of what it was done to
    client_address text NOT NULL,
    request_id     text NOT NULL,
    outcome        text NOT NULL  -- OK, or the reason for failure
);

CREATE FUNCTION depot_audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is only ever added to' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER depot_audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON depot_audit
    EXECUTE FUNCTION depot_audit_stays();
