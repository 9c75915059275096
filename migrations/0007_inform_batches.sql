-- Informs in batches: a node believes the credential it remembers as long as the device's hash is what it was.
-- Oldest server: 0006

-- The hash vouches for the credential too, so whoever changes one clears it, in whatever program. One that is NULL may be about
-- to be stored: the row is locked in any case.
CREATE FUNCTION credential_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	UPDATE device_live SET inform_hash = NULL WHERE device_id = coalesce(NEW.device_id, OLD.device_id);
	RETURN NULL;
END
$$;
CREATE TRIGGER credential_changed AFTER INSERT OR DELETE OR UPDATE OF username, realm, ha1_md5, ha1_sha256
	ON credential FOR EACH ROW EXECUTE FUNCTION credential_changed();

-- What the hash was made of, so that a node that has not heard the device yet can tell what changed, too.
ALTER TABLE device_live ADD COLUMN inform_known bytea;

-- Events of Informs alternate on many devices: room on the page for the row's next version.
ALTER TABLE device SET (fillfactor = 85);
