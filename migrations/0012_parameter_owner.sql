-- Parameters go with their device without a foreign key, whose check costs more than the row itself.
-- Oldest server: 0006

-- Whoever stores parameters has the device's row or its device_live row locked.
CREATE FUNCTION device_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	DELETE FROM parameter WHERE device_id = OLD.device_id;
	RETURN NULL;
END
$$;
CREATE TRIGGER device_deleted AFTER DELETE ON device FOR EACH ROW EXECUTE FUNCTION device_deleted();
ALTER TABLE parameter DROP CONSTRAINT parameter_device_id_fkey;
