ALTER TABLE allocation DROP COLUMN owner_id;
