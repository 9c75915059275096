-- Events that devices told, what a device cannot do, and the ParameterKey it should show.

-- What devices told beyond the ordinary, for operators and other systems. The oldest go first (events.days).
CREATE TABLE event (
	event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	device_id bigint NOT NULL REFERENCES device ON DELETE CASCADE,
	at timestamptz NOT NULL DEFAULT now(),
	kind text NOT NULL, -- 'boot', 'transfer complete', 'M Reboot'
	detail jsonb
);
CREATE INDEX event_device ON event (device_id, event_id);
CREATE INDEX event_kind ON event (kind, event_id);

ALTER TABLE device
	ADD COLUMN retry_count bigint NOT NULL DEFAULT 0, -- of the latest Inform
	ADD COLUMN refused_methods text[] NOT NULL DEFAULT '{}', -- answered with fault 9000
	-- The ParameterKey that was set last; NULL: none since the last BOOTSTRAP.
	ADD COLUMN expected_key text,
	ADD COLUMN expected_key_since timestamptz,
	ADD COLUMN expected_key_shown boolean NOT NULL DEFAULT false; -- an Inform has confirmed it
