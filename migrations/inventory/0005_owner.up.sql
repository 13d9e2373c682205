-- Whose an allocation is: the account that made it. Those made before there were accounts, or without
-- authorisation, are nobody's: managers see to them.
ALTER TABLE allocation ADD COLUMN owner_id uuid;
