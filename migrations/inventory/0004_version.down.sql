ALTER TABLE allocation DROP COLUMN version;
ALTER TABLE resource DROP COLUMN version;
