-- Devices and what they said, the work queued for them, files, credentials, tokens, audit.
-- What belongs to a device is keyed by device_id first (see db/devices.c for how it is made); only tasks and
-- faults have numbers of their own, which the API shows.

CREATE TABLE device (
	device_id bigint PRIMARY KEY,
	id text NOT NULL UNIQUE, -- OUI-ProductClass-SerialNumber, percent-encoded
	oui text NOT NULL,
	product_class text NOT NULL,
	serial_number text NOT NULL,
	manufacturer text,
	root text, -- 'Device.' or 'InternetGatewayDevice.'
	cwmp_version text, -- '1.0'; the namespace when nothing tells more
	software_version text,
	hardware_version text,
	connection_request_url text,
	periodic_interval integer, -- seconds
	parameter_key text,
	source_address inet, -- of the latest Inform
	registered timestamptz, -- NULL: known by its credentials only
	last_boot timestamptz,
	last_bootstrap timestamptz,
	events jsonb NOT NULL DEFAULT '[]', -- of the latest Inform
	methods text[], -- as GetRPCMethods told
	refresh_batch integer, -- names in one GetParameterValues that the device can bear
	tags text[] NOT NULL DEFAULT '{}'
);
CREATE INDEX device_tags ON device USING gin (tags);
CREATE INDEX device_software_version ON device (software_version, device_id);
CREATE INDEX device_oui_class ON device (oui, product_class, device_id);
CREATE INDEX device_serial_number ON device (serial_number);

-- What every Inform touches, and nothing else: narrow, so that updates stay on their page.
CREATE TABLE device_live (
	device_id bigint PRIMARY KEY REFERENCES device ON DELETE CASCADE,
	last_inform timestamptz,
	inform_hash bytea, -- of all that the latest Inform stored; NULL after any other writer
	session_epoch bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

CREATE TABLE path (
	path_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name text NOT NULL UNIQUE -- objects end in '.'
);

CREATE TABLE parameter (
	device_id bigint NOT NULL REFERENCES device ON DELETE CASCADE,
	path_id bigint NOT NULL, -- of path, from which nothing is ever deleted: no foreign key to check
	value text, -- NULL: an object, or not read yet
	type text,
	writable boolean,
	notification smallint,
	updated timestamptz,
	PRIMARY KEY (device_id, path_id)
) WITH (fillfactor = 90);
CREATE INDEX parameter_path_value ON parameter (path_id, md5(value)) WHERE value IS NOT NULL;

CREATE TABLE task (
	task_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	device_id bigint NOT NULL REFERENCES device ON DELETE CASCADE,
	method text NOT NULL,
	arguments jsonb NOT NULL,
	state text NOT NULL DEFAULT 'queued'
		CHECK (state IN ('queued', 'sent', 'done', 'failed', 'expired', 'cancelled')),
	awaits text CHECK (awaits IN ('answer', 'transfer')), -- while sent
	attempts integer NOT NULL DEFAULT 0,
	session_epoch bigint, -- of the session it was last sent in
	not_before timestamptz,
	retry_at timestamptz, -- holds the queue, unlike not_before
	expires timestamptz,
	command_key text, -- of the latest attempt
	created timestamptz NOT NULL DEFAULT now(),
	sent timestamptz,
	finished timestamptz,
	result jsonb,
	fault jsonb,
	actor text NOT NULL
);
CREATE INDEX task_device ON task (device_id, task_id);
CREATE INDEX task_open ON task (device_id, task_id) WHERE state IN ('queued', 'sent');
CREATE INDEX task_expires ON task (expires) WHERE state = 'queued' AND expires IS NOT NULL;
-- For the sweeper: answers that can no longer come.
CREATE INDEX task_unanswered ON task (sent) WHERE state = 'sent' AND awaits = 'answer';
CREATE INDEX task_state ON task (state, task_id);

-- A Download under way, until TransferComplete, a new version or the deadline settles it.
CREATE TABLE transfer (
	device_id bigint NOT NULL,
	task_id bigint NOT NULL REFERENCES task ON DELETE CASCADE,
	file_name text, -- NULL for a URL of the operator's own
	version text, -- of that file
	version_before text, -- the device's, when the transfer was begun
	deadline timestamptz NOT NULL,
	PRIMARY KEY (device_id, task_id)
);
CREATE INDEX transfer_deadline ON transfer (deadline);

CREATE TABLE file (
	name text PRIMARY KEY,
	kind text NOT NULL CHECK (kind IN ('firmware', 'config', 'ca', 'web', 'tone', 'ringer', 'other')),
	file_type text NOT NULL, -- FileType of the Download that fetches it
	version text,
	oui text,
	product_class text,
	content_id bigint NOT NULL,
	sha256 text NOT NULL,
	size bigint NOT NULL,
	uploaded timestamptz NOT NULL DEFAULT now()
);
CREATE SEQUENCE file_content_id;
-- Content is never changed in place: a new upload has a new content_id, and readers of the old one finish.
CREATE TABLE file_chunk (
	content_id bigint NOT NULL,
	chunk integer NOT NULL,
	bytes bytea NOT NULL,
	PRIMARY KEY (content_id, chunk)
);
ALTER TABLE file_chunk ALTER COLUMN bytes SET STORAGE EXTERNAL;
-- Content that no file owns: uploads in progress or broken off, and what was replaced.
CREATE TABLE file_loose (
	content_id bigint PRIMARY KEY,
	since timestamptz NOT NULL DEFAULT now()
);

-- How a device proves itself to us, and we to it; either half may be missing.
CREATE TABLE credential (
	device_id bigint PRIMARY KEY REFERENCES device ON DELETE CASCADE,
	username text,
	realm text,
	ha1_md5 text,
	ha1_sha256 text,
	connection_request_username text,
	connection_request_password bytea, -- sealed with secrets.key
	CHECK ((username IS NULL) = (ha1_md5 IS NULL))
);

CREATE TABLE api_token (
	name text PRIMARY KEY,
	role text NOT NULL CHECK (role IN ('read', 'operate', 'admin')),
	sha256 text NOT NULL UNIQUE,
	created timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE audit (
	audit_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	at timestamptz NOT NULL DEFAULT now(),
	actor text NOT NULL,
	action text NOT NULL, -- 'PUT /api/v1/files/{name}'
	target text,
	detail jsonb
);

-- Faults that devices answered or reported with, and tasks that could not be sent or whose answer made no sense.
-- A task that failed without its device's answer (lost, overdue, bootstrapped) tells why in task.fault only.
CREATE TABLE fault (
	fault_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	device_id bigint NOT NULL REFERENCES device ON DELETE CASCADE,
	task_id bigint,
	at timestamptz NOT NULL DEFAULT now(),
	method text NOT NULL,
	code integer NOT NULL,
	message text NOT NULL,
	detail jsonb
);
CREATE INDEX fault_device ON fault (device_id, fault_id);

-- Documents that the nodes share: onboarding tasks, keys.
CREATE TABLE setting (
	name text PRIMARY KEY,
	value jsonb NOT NULL
);
INSERT INTO setting VALUES ('onboarding', '{"tasks": [
	{"method": "SetParameterValues", "parameters": [
		{"name": "{root}ManagementServer.PeriodicInformEnable", "value": "true", "type": "xsd:boolean"},
		{"name": "{root}ManagementServer.PeriodicInformInterval", "value": "3600", "type": "xsd:unsignedInt"},
		{"name": "{root}ManagementServer.PeriodicInformTime", "value": "{spread}", "type": "xsd:dateTime"},
		{"name": "{root}ManagementServer.ConnectionRequestUsername", "value": "{connection-request-username}", "type": "xsd:string"},
		{"name": "{root}ManagementServer.ConnectionRequestPassword", "value": "{connection-request-password}", "type": "xsd:string"}
	]},
	{"method": "Refresh"}
]}');
