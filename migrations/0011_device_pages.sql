-- Pages of the device list that cost the same whatever a filter finds: each filter has an index ordered by device.
-- Oldest server: 0006

-- Values are indexed of those parameters only that somebody searches by; a changed value of any other leaves all
-- indexes alone. Hash and not value: values may be longer than an index takes. An older server finds parameters without
-- the index that this one replaces, only slower; values that it stores keep the hash that was there.
ALTER TABLE parameter ADD COLUMN value_hash bigint; -- hashtextextended(value, 0), or NULL: not searched by
CREATE INDEX parameter_search ON parameter (path_id, value_hash, device_id) WHERE value_hash IS NOT NULL;
DROP INDEX parameter_path_value;

-- Whoever stores a value of one of these stores its hash, too, unless the state is 'dropping'.
CREATE TABLE searched_parameter (
	path_id bigint PRIMARY KEY,
	state text NOT NULL DEFAULT 'requested'
		CHECK (state IN ('requested', 'backfilling', 'ready', 'dropping')),
	requested timestamptz NOT NULL DEFAULT now(),
	since timestamptz NOT NULL DEFAULT now(), -- that every new transaction has seen the row so
	walked bigint NOT NULL DEFAULT -1, -- devices up to here have, or have no longer, the hash
	value_count bigint NOT NULL DEFAULT 0 -- values that were hashed on the way
);

CREATE INDEX IF NOT EXISTS device_oui ON device (oui, device_id);
CREATE INDEX IF NOT EXISTS device_product_class ON device (product_class, device_id);
-- Room for updates that leave the indexes alone; pages written from now on have it.
ALTER TABLE device SET (fillfactor = 85);

-- The devices of each tag, in order; device.tags is what counts. Kept by triggers, so that older servers keep it, too.
CREATE TABLE device_tag (
	tag text NOT NULL,
	device_id bigint NOT NULL,
	PRIMARY KEY (tag, device_id)
);
INSERT INTO device_tag SELECT DISTINCT unnest(tags), device_id FROM device;

CREATE FUNCTION device_tags_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_OP <> 'INSERT' THEN
		DELETE FROM device_tag WHERE tag = ANY (OLD.tags) AND device_id = OLD.device_id;
	END IF;
	IF TG_OP <> 'DELETE' THEN
		INSERT INTO device_tag SELECT DISTINCT unnest(NEW.tags), NEW.device_id;
	END IF;
	RETURN NULL;
END
$$;
CREATE TRIGGER device_tagged AFTER INSERT ON device FOR EACH ROW
	WHEN (NEW.tags <> '{}') EXECUTE FUNCTION device_tags_changed();
CREATE TRIGGER device_retagged AFTER UPDATE OF tags ON device FOR EACH ROW
	WHEN (NEW.tags <> OLD.tags) EXECUTE FUNCTION device_tags_changed();
CREATE TRIGGER device_untagged AFTER DELETE ON device FOR EACH ROW
	WHEN (OLD.tags <> '{}') EXECUTE FUNCTION device_tags_changed();
