-- Before each service had a schema, there was only this one, and all of it was in `public`. Moved with
-- a table go its indexes and constraints; btree_gist stays.
ALTER TABLE IF EXISTS public.depot_migration SET SCHEMA inventory;
ALTER TABLE IF EXISTS public.depot_idempotency_key SET SCHEMA inventory;
ALTER TABLE IF EXISTS public.depot_audit SET SCHEMA inventory;
ALTER TABLE IF EXISTS public.resource SET SCHEMA inventory;
ALTER TABLE IF EXISTS public.allocation SET SCHEMA inventory;
ALTER TABLE IF EXISTS public.pxcode SET SCHEMA inventory;
