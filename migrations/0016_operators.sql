-- Operators: tokens that expire, that reach some devices only, and that tell when they were used; users with passwords.
-- Oldest server: 0006

-- A token that expires or has a scope is stored as '!' and its hash. An older server, which would heed neither, does not
-- know the token then.
ALTER TABLE api_token ADD COLUMN expires timestamptz,
	ADD COLUMN tags text[], -- of the devices that it reaches; NULL: all of them
	ADD COLUMN ouis text[], -- likewise, in upper case; a device with one of either is reached
	ADD COLUMN last_used timestamptz, -- to the minute
	ADD COLUMN last_address inet;
-- These names are the server's own: with one of them a token could pass for it.
UPDATE api_token SET name = name || ' (token)' WHERE lower(name) IN ('onboarding', 'anonymous', 'command line');

CREATE TABLE api_user (
	name text PRIMARY KEY,
	role text NOT NULL CHECK (role IN ('read', 'operate', 'admin')),
	password text NOT NULL, -- '$scrypt$ln=15,r=8,p=3$salt$hash'
	tags text[],
	ouis text[],
	created timestamptz NOT NULL DEFAULT now(),
	changed timestamptz NOT NULL DEFAULT now(), -- the password
	last_used timestamptz,
	last_address inet
);
