-- The audit tells from where, on which device, what became of it and what a setting was before; it only grows.
-- Oldest server: 0006

ALTER TABLE audit ADD COLUMN address inet, -- that the call came from; NULL: from the machine itself
	ADD COLUMN device text, -- its public id: the entry outlives the device
	ADD COLUMN outcome text NOT NULL DEFAULT 'done',
	ADD COLUMN before jsonb, -- of a setting: what it was and what it became
	ADD COLUMN after jsonb;
ALTER TABLE audit ADD CONSTRAINT audit_outcome CHECK (outcome IN ('done', 'refused', 'failed')) NOT VALID;

-- Newest first by each filter; most entries are 'done', which are found among all.
CREATE INDEX audit_at ON audit (at, audit_id);
CREATE INDEX audit_actor ON audit (actor, at, audit_id);
CREATE INDEX audit_action ON audit (action, at, audit_id);
CREATE INDEX audit_address ON audit (address, at, audit_id) WHERE address IS NOT NULL;
CREATE INDEX audit_device ON audit (device, at, audit_id) WHERE device IS NOT NULL;
CREATE INDEX audit_outcome ON audit (outcome, at, audit_id) WHERE outcome <> 'done';

CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'the audit is append-only: % is refused', TG_OP;
END
$$;
CREATE TRIGGER audit_only_grows BEFORE UPDATE OR TRUNCATE ON audit
	FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows();

-- Only retention deletes, and says so. Older servers' retention does not: it finds nothing to delete instead of failing,
-- so that it goes on with what comes after the audit.
CREATE FUNCTION audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF current_setting('acs.retention', true) = 'on' THEN
		RETURN OLD;
	END IF;
	IF TG_LEVEL = 'STATEMENT' THEN
		RAISE WARNING 'the audit is append-only: nothing of it is deleted';
	END IF;
	RETURN NULL;
END
$$;
CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_is_kept();
CREATE TRIGGER audit_tells_that_it_is_kept BEFORE DELETE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_is_kept();
