-- Device quirks: what devices of a kind cannot bear or do not do, as settings of the server (see docs/quirks.md).
-- A row of the operator stands in front of the shipped row of the same name; removing it brings that one back, and
-- a later migration may replace shipped rows without touching what operators changed.

CREATE TABLE quirk (
	name text NOT NULL,
	is_shipped boolean NOT NULL DEFAULT false,
	enabled boolean NOT NULL DEFAULT true,
	position integer NOT NULL, -- all rows that match are merged in this order: later ones win
	-- Patterns with * and ?, in any case, of what an Inform tells; NULL matches all.
	manufacturer text,
	oui text,
	product_class text,
	software_version text,
	settings jsonb NOT NULL,
	note text NOT NULL DEFAULT '',
	PRIMARY KEY (name, is_shipped)
);

-- Told as successful by a device whose word is not enough: the version must show.
ALTER TABLE transfer ADD COLUMN told timestamptz;

-- How far a task came that takes more requests than its device bears in one session.
CREATE TABLE task_progress (
	task_id bigint PRIMARY KEY REFERENCES task ON DELETE CASCADE,
	progress jsonb NOT NULL,
	at timestamptz NOT NULL DEFAULT now(),
	is_called boolean NOT NULL DEFAULT false -- the device was asked to come back for the rest
);
CREATE INDEX task_progress_to_call ON task_progress (at) WHERE NOT is_called;

-- Counts changes, so that every node notices them.
INSERT INTO setting VALUES ('quirks_version', '1');

INSERT INTO quirk (name, is_shipped, enabled, position, manufacturer, oui, product_class, settings, note) VALUES
	('orange-tr069agent', true, true, 100, 'Orange*', NULL, NULL, '{"xml_declaration": false}',
	 'The open-source agent of Orange cannot parse an answer that begins with an XML declaration.'),
	('netcwmp', true, true, 110, 'ChinaNMS', NULL, NULL, '{"xml_declaration": false}',
	 'netcwmp cannot parse an answer that begins with an XML declaration. The manufacturer is that of its sample'
	 ' configuration; devices that embed it tell their own.'),
	('tr069tc', true, true, 120, 'Owera*', NULL, NULL, '{"response_id": "ignored"}',
	 'The Java test client answers with a constant ID. It plays any identity: copy the row for yours.'),
	('genieacs-sim', true, false, 130, NULL, '202BC1', 'BM632w',
	 '{"unsupported_methods": ["GetRPCMethods", "Reboot"], "names_per_request": 16}',
	 'The simulator knows neither GetRPCMethods nor Reboot. It tells the identity of a real Huawei BM632w, so the row'
	 ' is disabled: enable it in a lab.'),
	('anlix-sim', true, false, 140, NULL, NULL, NULL,
	 '{"unsupported_methods": ["GetRPCMethods"]}',
	 'The simulator crashes on GetRPCMethods. It plays any identity, so the row is disabled: give it a pattern.'),
	('tp-link', true, true, 200, 'TP-Link*', NULL, NULL, '{"booleans": "digits"}',
	 'TD-W9970 refuses true and false as values of booleans.'),
	('mikrotik', true, true, 210, 'MikroTik*', NULL, NULL, '{"close_after_transfer_complete": true}',
	 'RouterOS sends nothing more after TransferCompleteResponse: it reboots.'),
	('cisco-867vae', true, true, 220, 'Cisco*', NULL, '*867VAE*', '{"names_per_request": 16}',
	 'Faults 9004 when many values are asked for at once.'),
	('grandstream', true, true, 230, 'Grandstream*', NULL, NULL, '{"names_per_request": 8}',
	 'Android phones fault 9002 on a GetParameterValues of 32 names.'),
	('draytek-vigor-2860', true, true, 240, 'DrayTek*', NULL, '*2860*',
	 '{"names": "levels", "names_per_request": 8, "requests_per_session": 50}',
	 'Reboots when its whole tree is asked for.'),
	('yeacomm-p11', true, true, 250, 'Yeacomm*', NULL, NULL, '{"names": "levels"}',
	 'Answers GetParameterNames of a whole tree by an empty POST.'),
	('zhone-znid', true, true, 260, 'Zhone*', NULL, NULL, '{"names": "whole"}',
	 'Tells a level below WANDevice wrongly: only the whole tree can be believed.'),
	('zte', true, true, 270, 'ZTE*', NULL, NULL, '{"names_incomplete": true}',
	 'GetParameterNames leaves out parameters that GetParameterValues knows.'),
	('huawei-820', true, true, 280, 'Huawei*', NULL, '*820*', '{"xml_declaration": true}',
	 'Does not understand an answer without an XML declaration.'),
	('huawei-8245', true, true, 290, 'Huawei*', NULL, '*8245*', '{"transfer_success": "version"}',
	 'Reports that new firmware was applied when flashing it has failed (0x7204030).'),
	('speedtouch-780', true, true, 300, 'THOMSON*', NULL, 'SpeedTouch 780*', '{"parameter_key": "ignored"}',
	 'Does not return the ParameterKey that it was given.'),
	('zyxel-p-2602', true, true, 310, 'ZyXEL*', NULL, 'P-2602*', '{"parameter_key": "ignored"}',
	 'Does not return the ParameterKey that it was given.');
