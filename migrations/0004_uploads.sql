-- Files that devices upload: whose they are, and logs among them.
ALTER TABLE file ADD COLUMN device text; -- public id of the one that uploaded it
ALTER TABLE file DROP CONSTRAINT file_kind_check;
ALTER TABLE file ADD CONSTRAINT file_kind_check
	CHECK (kind IN ('firmware', 'config', 'ca', 'web', 'tone', 'ringer', 'log', 'other'));
