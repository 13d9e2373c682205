-- What a conditional request compares: counted up by every change of a row.
ALTER TABLE resource ADD COLUMN version bigint NOT NULL DEFAULT 1 CHECK (version > 0);
ALTER TABLE allocation ADD COLUMN version bigint NOT NULL DEFAULT 1 CHECK (version > 0);
