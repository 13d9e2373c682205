-- When vehicles are taken. The exclusion constraint is the promise of the whole system: no two
-- allocations of a vehicle share a moment. An empty range would overlap nothing, so it is refused.
CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE allocation (
    id          uuid PRIMARY KEY,
    resource_id uuid NOT NULL REFERENCES resource (id) ON DELETE CASCADE,
    kind        text NOT NULL CHECK (kind IN ('BOOKING', 'MAINTENANCE')),
    during      tstzrange NOT NULL
                CHECK (NOT isempty(during))
                CHECK (lower_inf(during) OR lower_inc(during))
                CHECK (NOT upper_inc(during)),
    description text NOT NULL CHECK (char_length(description) <= 1000),
    attributes  jsonb NOT NULL CHECK (jsonb_typeof(attributes) = 'object'),
    create_time timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT allocation_never_overlaps EXCLUDE USING gist (resource_id WITH =, during WITH &&)
);

-- A vehicle's calendar is read in the order of starts; an absent start comes first.
CREATE INDEX allocation_calendar
    ON allocation (resource_id, (coalesce(lower(during), timestamptz '-infinity')));
