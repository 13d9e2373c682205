-- The fleet. Text sizes are the contract's; the database refuses what slips past it.
CREATE TABLE resource (
    id          uuid PRIMARY KEY,
    type        text NOT NULL CHECK (type IN ('cars', 'lorries', 'trucks')),
    name        text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 64),
    description text NOT NULL CHECK (char_length(description) <= 1000),
    attributes  jsonb NOT NULL CHECK (jsonb_typeof(attributes) = 'object'),
    create_time timestamptz NOT NULL DEFAULT now(),
    update_time timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT resource_name_unique_in_type UNIQUE (type, name)
);

-- Lists of a type go by id, which is a UUIDv7: oldest first.
CREATE INDEX resource_by_type ON resource (type, id);
