-- Who belongs: what kinds of devices prove themselves with, new credentials on their way to a device, and who is admitted.
-- Oldest server: 0006

-- A device may have a pair of its own, and another that was sent to it and that it has not used yet: either counts.
ALTER TABLE credential ADD COLUMN next_username text,
	ADD COLUMN next_realm text,
	ADD COLUMN next_ha1_md5 text,
	ADD COLUMN next_ha1_sha256 text,
	ADD COLUMN next_password bytea, -- sealed with secrets.key
	ADD COLUMN reopened_until timestamptz; -- a shared credential speaks for it until then, though it has its own
ALTER TABLE credential ADD CONSTRAINT credential_next
	CHECK ((next_username IS NULL) = (next_ha1_md5 IS NULL)) NOT VALID;

-- Quarantined: its Informs are stored, and nothing is sent to it. Blocked: nothing is stored either.
ALTER TABLE device ADD COLUMN admission text NOT NULL DEFAULT 'active';
ALTER TABLE device ADD CONSTRAINT device_admission
	CHECK (admission IN ('active', 'quarantined', 'blocked')) NOT VALID;
CREATE INDEX device_not_active ON device (admission, device_id) WHERE admission <> 'active';

-- Devices of a kind: how they prove who they are, and with which credentials as long as they have none of their own.
CREATE TABLE device_class (
	name text PRIMARY KEY,
	position integer NOT NULL, -- of two rows that match and set the same, the later counts; all their credentials do
	-- Patterns with * and ? of the identity, in any case; NULL matches all.
	oui text,
	product_class text,
	serial_number text,
	auth text CHECK (auth IN ('none', 'basic', 'digest')), -- NULL: as configured
	nonce_counter boolean, -- likewise
	unknown text CHECK (unknown IN ('accept', 'quarantine', 'refuse')), -- likewise
	username text, -- that the devices share
	realm text,
	ha1_md5 text,
	ha1_sha256 text,
	note text NOT NULL DEFAULT '',
	CHECK ((username IS NULL) = (ha1_md5 IS NULL))
);
-- Counts changes, so that every node notices them.
INSERT INTO setting VALUES ('device_classes_version', '1');
